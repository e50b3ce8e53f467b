package interop

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// startNginx serves a folder over HTTP and returns its URL, without a slash at the end.
func startNginx(t *testing.T, root string) string {
	t.Helper()
	dir, port := t.TempDir(), freePort(t)
	config := fmt.Sprintf(`
daemon off;
master_process off;
pid %[1]s/pid;
error_log stderr;
events {}
http {
	access_log off;
	types { application/x-bittorrent torrent; }
	client_body_temp_path %[1]s/body;
	proxy_temp_path %[1]s/proxy;
	fastcgi_temp_path %[1]s/fastcgi;
	uwsgi_temp_path %[1]s/uwsgi;
	scgi_temp_path %[1]s/scgi;
	server { listen 127.0.0.1:%[2]s; root %[3]s; }
}
`, dir, port, root)
	file := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(file, []byte(config), 0o644); err != nil {
		t.Fatal(err)
	}
	start(t, "nginx", "-p", dir, "-c", file, "-e", "stderr")
	url := "http://127.0.0.1:" + port
	eventually(t, "nginx answers", patience, func() bool { return answers(url) })
	return url
}
