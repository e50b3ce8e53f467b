package interop

import (
	"bytes"
	"net/http"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// answer is what curl was told.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// curl asks for a URL once.
func curl(t *testing.T, url string, options ...string) answer {
	t.Helper()
	headers := filepath.Join(t.TempDir(), "headers")
	args := append([]string{"--silent", "--show-error", "--noproxy", "*", "--dump-header", headers, "--write-out", "%{stderr}%{http_code}"}, options...)
	cmd := exec.Command("curl", append(args, url)...)
	var said bytes.Buffer
	cmd.Stderr = &said
	body, err := cmd.Output()
	if err != nil {
		t.Fatalf("curl %s: %v: %s", url, err, &said)
	}
	a := answer{header: http.Header{}, body: body}
	if a.status, err = strconv.Atoi(said.String()); err != nil {
		t.Fatalf("curl %s: %v", url, err)
	}
	for line := range strings.Lines(string(readFile(t, headers))) {
		if name, value, ok := strings.Cut(line, ":"); ok {
			a.header.Add(name, strings.TrimSpace(value))
		}
	}
	return a
}
