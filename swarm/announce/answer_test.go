package announce

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestAnswersAreRead(t *testing.T) {
	for name, c := range map[string]struct {
		body  string
		peers []string
		err   bool
	}{
		"compact":        {body: "d8:intervali9e5:peers12:\x01\x02\x03\x04\x00\x50\x05\x06\x07\x08\x1a\xe1e", peers: []string{"1.2.3.4:80", "5.6.7.8:6881"}},
		"dictionaries":   {body: "d5:peersld2:ip7:1.2.3.44:porti80eed7:peer id2:xx4:porti6881e2:ip3:::2eee", peers: []string{"1.2.3.4:80", "[::2]:6881"}},
		"peers6":         {body: "d6:peers618:\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x50e", peers: []string{"[2001:db8::1]:80"}},
		"mapped":         {body: "d6:peers618:\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff\x01\x02\x03\x04\x00\x50e", peers: []string{"1.2.3.4:80"}},
		"useless":        {body: "d5:peers18:\x01\x02\x03\x04\x00\x00\x00\x00\x00\x00\x00\x50\xe0\x00\x00\x01\x00\x50e"},
		"names":          {body: "d5:peersld2:ip9:localhost4:porti80eed2:ipi7e4:port2:80ed2:ip7:1.2.3.44:porti65536eeee"},
		"broken length":  {body: "d5:peers5:12345e", err: true},
		"peers a number": {body: "d8:intervali9e5:peersi1ee", err: true},
		"list":           {body: "le", err: true},
		"odd fields":     {body: "d8:completel1:ae8:intervald1:ai1ee15:warning messagei7e8:retry inle5:peers0:e"},
		"deep":           {body: "d1:x" + strings.Repeat("l", 1<<20), err: true},
		"tail":           {body: "d5:peers0:e\r\n"},
		"long length":    {body: "d5:peers99999999999999999999999:e", err: true},
		"no end":         {body: "d5:peers0:", err: true},
		"open number":    {body: "d8:intervali12", err: true},
	} {
		a, err := parseAnswer([]byte(c.body))
		if (err != nil) != c.err {
			t.Errorf("%s: error %v", name, err)
		}
		var got []string
		for _, p := range a.peers {
			got = append(got, p.String())
		}
		if !slices.Equal(got, c.peers) {
			t.Errorf("%s: peers %v, want %v", name, got, c.peers)
		}
	}
}

func FuzzAnswer(f *testing.F) {
	f.Add([]byte("d8:completei1e10:incompletei2e8:intervali1800e12:min intervali60e5:peers6:\x01\x02\x03\x04\x00\x50e"))
	f.Add([]byte("d14:failure reason4:busy8:retry in5:nevere"))
	f.Add([]byte("d5:peersld2:ip7:1.2.3.44:porti80eee6:peers60:10:tracker id1:xe"))
	f.Fuzz(func(t *testing.T, body []byte) {
		a, err := parseAnswer(body)
		if len(a.peers) > maxPeersTaken {
			t.Errorf("%d peers", len(a.peers))
		}
		for _, p := range a.peers {
			if p.Port() == 0 || !p.Addr().IsValid() || p.Addr().IsUnspecified() || p.Addr().Is4In6() {
				t.Errorf("peer %v", p)
			}
		}
		for _, d := range []time.Duration{a.interval.Or(0), a.minInterval.Or(0), a.retryIn} {
			if d < 0 || d > maxInterval {
				t.Errorf("%v", d)
			}
		}
		if n := a.seeders.Or(0); n < 0 {
			t.Errorf("%d seeders", n)
		}
		if err == nil && (len(body) < 4 || body[0] != 'd') {
			t.Errorf("took %q", body)
		}
	})
}
