package contenttype_test

import (
	"testing"

	"swarmtop/swarm/contenttype"
)

func TestSameKnowsTheNamesOfATypeAndNothingElse(t *testing.T) {
	for _, c := range []struct {
		got, want string
		same      bool
	}{
		{"text/html", "text/html; charset=utf-8", true},
		{"TEXT/HTML;charset=iso-8859-1", "text/html", true},
		{"application/javascript", "text/javascript; charset=utf-8", true},
		{"image/x-icon", "image/vnd.microsoft.icon", true},
		{"text/xml", "application/xml", true},
		{"binary/octet-stream", "font/woff2", true},
		{"application/octet-stream", "application/octet-stream", true},
		{"text/plain", "application/octet-stream", true},
		{"application/x-bittorrent", "application/octet-stream", false},
		{"application/octet-stream", "text/html", false},
		{"application/octet-stream", "image/svg+xml", false},
		{"application/x-bittorrent", "text/html", false},
		{"application/x-bittorrent", "font/woff2", false},
		{"text/plain", "text/html", false},
		{"", "text/html", false},
	} {
		if got := contenttype.Same(c.got, c.want); got != c.same {
			t.Errorf("Same(%q, %q) = %v, want %v", c.got, c.want, got, c.same)
		}
	}
}
