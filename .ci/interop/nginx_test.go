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
	return startNginxWith(t, fmt.Sprintf("root %s;", root))
}

// forgetful are the words of an nginx that is a cache whose key lacks the query, before
// an upstream. In mode A it keeps everything, errors too, but honours what the upstream
// says of caching; in mode B it keeps every good answer, whatever that says.
func forgetful(mode string) string {
	keep := "proxy_cache_valid any 10m;"
	if mode == "B" {
		keep = "proxy_cache_valid 10m; proxy_ignore_headers Cache-Control Expires Set-Cookie Vary;"
	}
	return "proxy_cache edge; proxy_cache_key $uri; add_header X-Cache-Status $upstream_cache_status always; " + keep
}

// startNginxWith starts nginx with one server of the directives given, and returns its
// URL, without a slash at the end. It has a cache of the name edge.
func startNginxWith(t *testing.T, directives string) string {
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
	proxy_cache_path %[1]s/cache keys_zone=edge:1m;
	server {
		listen 127.0.0.1:%[2]s;
		%[3]s
	}
}
`, dir, port, directives)
	file := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(file, []byte(config), 0o644); err != nil {
		t.Fatal(err)
	}
	start(t, "nginx", "-p", dir, "-c", file, "-e", "stderr")
	url := "http://127.0.0.1:" + port
	eventually(t, "nginx answers", patience, func() bool { return answers(url) })
	return url
}
