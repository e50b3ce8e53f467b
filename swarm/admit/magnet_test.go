package admit_test

import (
	"encoding/base32"
	"fmt"
	"strings"
	"testing"

	"swarmtop/swarm"
	"swarmtop/swarm/admit"
)

const hex = "3fa9c1d2e4b5a6978869504132a1b0c9d8e7f605"

func TestMagnetIsReadAsWritten(t *testing.T) {
	want, _ := swarm.ParseInfoHash(hex)
	b32 := base32.StdEncoding.EncodeToString(want[:])
	for _, xt := range []string{hex, strings.ToUpper(hex), b32, strings.ToLower(b32)} {
		got, err := admit.ParseMagnet("Magnet:?xt=urn:btih:"+xt+"&dn=Share%20button+1&tr=udp%3A%2F%2Ft.example%3A6969&tr.1=http://u.example/announce", admit.Given, admit.Policy{})
		if err != nil {
			t.Fatal(xt, err)
		}
		if got.InfoHash != want || got.Name != "Share button 1" || fmt.Sprint(got.Trackers) != "[[udp://t.example:6969] [http://u.example/announce]]" || len(got.Refused) != 0 {
			t.Errorf("%s: %+v", xt, got)
		}
	}
}

func TestMagnetOfAHybridGoesByItsV1Hash(t *testing.T) {
	got, err := admit.ParseMagnet("magnet:?xt=urn:btmh:1220"+strings.Repeat("ab", 32)+"&xt=urn:btih:"+hex, admit.Given, admit.Policy{})
	if err != nil || got.InfoHash.String() != hex {
		t.Errorf("%v, %v", got.InfoHash, err)
	}
}

func TestSourcesPeersAndWebSeedsOfAMagnetAreLeftOut(t *testing.T) {
	got, err := admit.ParseMagnet("magnet:?xt=urn:btih:"+hex+"&xs=http://a/&as=http://b/&x.pe=127.0.0.1:22&ws=http://d/&tr=ws://e/&so=0-2&kt=x", admit.Given, admit.Policy{})
	if err != nil {
		t.Fatal(err)
	}
	all := refusals(got.Refused)
	for _, want := range []string{"xs: ", "as: ", "x.pe: ", "ws: ", "WebSocket"} {
		if !strings.Contains(all, want) {
			t.Errorf("refusals\n%swant %q among them", all, want)
		}
	}
	if len(got.Trackers) != 0 || len(got.Refused) != 5 {
		t.Errorf("trackers %v, refused %v", got.Trackers, got.Refused)
	}
}

func TestMagnetIsRefusedWithALine(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"empty", "", "does not begin with magnet:?"},
		{"no query", "magnet:", "does not begin with magnet:?"},
		{"no topic", "magnet:?", "no topic"},
		{"another topic", "magnet:?xt=urn:sha1:ABC", "no topic"},
		{"v2 only", "magnet:?xt=urn:btmh:1220" + strings.Repeat("ab", 32), "BitTorrent v2 only (urn:btmh, BEP 52)"},
		{"all zero", "magnet:?xt=urn:btih:" + strings.Repeat("0", 40), "all zero"},
		{"all zero in base32", "magnet:?xt=urn:btih:" + strings.Repeat("A", 32), "all zero"},
		{"short hash", "magnet:?xt=urn:btih:abc", "3 characters, want 40"},
		{"not hexadecimal", "magnet:?xt=urn:btih:" + strings.Repeat("g", 40), "not hexadecimal"},
		{"not base32", "magnet:?xt=urn:btih:" + strings.Repeat("1", 32), "not base32"},
		{"two swarms", "magnet:?xt=urn:btih:" + hex + "&xt=urn:btih:" + strings.Repeat("1", 40), "names two swarms"},
		{"bad escape", "magnet:?xt=urn:btih:" + hex + "&dn=%zz", "not well escaped"},
		{"many trackers", "magnet:?xt=urn:btih:" + hex + strings.Repeat("&tr=udp://a.example:1", 21), "21 trackers, the limit is 20"},
		{"long", "magnet:?xt=urn:btih:" + hex + "&dn=" + strings.Repeat("x", 64<<10), "the limit is 65536"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := admit.ParseMagnet(c.in, admit.Given, admit.Policy{})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q in it", err, c.want)
			}
		})
	}
}

func FuzzMagnet(f *testing.F) {
	f.Fuzz(func(t *testing.T, s string) {
		got, err := admit.ParseMagnet(s, admit.Foreign, admit.Policy{})
		if err != nil {
			if strings.Contains(err.Error(), "\n") || len(err.Error()) > 1000 {
				t.Errorf("not a short line: %q", err)
			}
			return
		}
		if got.InfoHash == (swarm.InfoHash{}) || len(got.Trackers) > 20 {
			t.Errorf("admitted %v with %d trackers", got.InfoHash, len(got.Trackers))
		}
		for _, tier := range got.Trackers {
			for _, u := range tier {
				if again, err := (admit.Policy{}).TrackerURL(u, admit.Foreign); err != nil || again != u {
					t.Errorf("admitted %q, then %q, %v", u, again, err)
				}
			}
		}
	})
}
