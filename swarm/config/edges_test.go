package config_test

import (
	"testing"

	"swarmtop/swarm/config"
)

func TestEdgesAreReadAsCurlHasThem(t *testing.T) {
	got, err := config.Edges([]string{"CDN.example:443:192.0.2.7", "cdn.example:443:[2001:db8::1]", "cdn.example:80:2001:db8::2"})
	if err != nil {
		t.Fatal(err)
	}
	if a := got["cdn.example:443"]; len(a) != 2 || a[0].String() != "192.0.2.7" || a[1].String() != "2001:db8::1" {
		t.Errorf("port 443: %v", a)
	}
	if a := got["cdn.example:80"]; len(a) != 1 || a[0].String() != "2001:db8::2" {
		t.Errorf("port 80: %v", a)
	}
	for _, bad := range []string{"", "cdn.example", "cdn.example:443", "cdn.example:x:192.0.2.7", ":443:192.0.2.7", "cdn.example:443:cdn.example"} {
		if got, err := config.Edges([]string{bad}); err == nil {
			t.Errorf("%q is %v", bad, got)
		}
	}
}
