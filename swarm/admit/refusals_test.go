package admit_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"swarmtop/swarm/admit"
)

// TestRefusalsNameFieldValueAndLimit goes one beyond each limit of the gate.
func TestRefusalsNameFieldValueAndLimit(t *testing.T) {
	none := admit.Policy{}
	metainfo := func(s string) error { _, err := admit.Metainfo([]byte(s), admit.Given, none); return err }
	info := func(d dict) error { _, err := admit.Info([]byte(encode(d))); return err }
	magnet := func(s string) error { _, err := admit.ParseMagnet("magnet:?"+s, admit.Given, none); return err }
	tracker := func(s string) error { _, err := none.TrackerURL(s, admit.Given); return err }
	seed := func(s string) error { _, err := none.WebSeedURL(s, admit.Given); return err }
	pathOf := func(part any) dict {
		return widget.with(dict{"files": list{dict{"length": 1, "path": list{part}}}})
	}
	for _, c := range []struct {
		name                string
		err                 error
		field, value, limit string
	}{
		{"bytes of metainfo", metainfo(strings.Repeat("x", admit.MaxMetainfo+1)), "metainfo", "10485761", "10485760"},
		{"levels", metainfo(strings.Repeat("l", 33)), "metainfo: bencode at byte 32", "level 33", "32"},
		{"values", metainfo("l" + strings.Repeat("0:", 1<<21)), "metainfo: bencode", "value 2097153", "2097152"},
		{"bytes of an info dictionary", func() error { _, err := admit.Info(make([]byte, admit.MaxAnswer+1)); return err }(), "info", "4194305", "4194304"},
		{"shortest piece", info(button.with(dict{"piece length": 8192})), "piece length", "8192", "16384"},
		{"longest piece", info(button.with(dict{"piece length": 128 << 20})), "piece length", "134217728", "67108864"},
		{"pieces", metainfo(encode(dict{"info": button.with(dict{"pieces": hashes(admit.MaxPieces + 1)})})), "pieces", "262145", "262144"},
		{"files", info(widget.with(dict{"files": raw("l" + strings.Repeat("d4:attr1:p6:lengthi1e4:pathl1:aee", admit.MaxFiles+2) + "e")})), "files", "100002", "100000"},
		{"length", info(button.with(dict{"length": 1 << 45})), "length", "35184372088832", "17592186044416"},
		{"bytes of a name", info(button.with(dict{"name": strings.Repeat("x", 256)})), "name", "256", "255"},
		{"bytes of a part of a path", info(pathOf(strings.Repeat("x", 256))), "files[0]: path", "256", "255"},
		{"part that climbs", info(pathOf("..")), "files[0]: path", `".."`, "not allowed"},
		{"bytes of a magnet", magnet("xt=urn:btih:" + hex + "&dn=" + strings.Repeat("x", 64<<10)), "magnet", "bytes", "65536"},
		{"trackers of a magnet", magnet("xt=urn:btih:" + hex + strings.Repeat("&tr=udp://a.example:1", 21)), "tr", "21", "20"},
		{"digits of an info hash", magnet("xt=urn:btih:abc"), "xt", `"urn:btih:abc"`, "40"},
		{"digits that are none", magnet("xt=urn:btih:" + strings.Repeat("g", 40)), "xt", `"urn:btih:gggg`, "hexadecimal"},
		{"topic", magnet("xt=urn:sha1:ABC"), "xt", `"urn:sha1:ABC"`, "urn:btih"},
		{"bytes of a tracker's URL", tracker("http://t.example/" + strings.Repeat("x", 2048)), `tracker "http://t.example/xxx`, "2065", "2048"},
		{"scheme of a tracker", tracker("ftp://t.example/"), `tracker "ftp://t.example/"`, `"ftp"`, "udp, http, https"},
		{"port of a tracker", tracker("http://t.example:65536/"), `tracker "http://t.example:65536/"`, `"65536"`, "from 1 to 65535"},
		{"address of a tracker", tracker("http://169.254.169.254/announce"), "tracker", "169.254.169.254", "link-local"},
		{"bytes of a web seed's URL", seed("http://t.example/" + strings.Repeat("x", 2048)), `web seed "http://t.example/xxx`, "2065", "2048"},
		{"address", none.Check(netip.MustParseAddr("10.0.0.1"), admit.Public), "address", "10.0.0.1", "private"},
	} {
		t.Run(c.name, func(t *testing.T) {
			said := fmt.Sprint(c.err)
			for _, want := range []string{c.field, c.value, c.limit} {
				if !strings.Contains(said, want) {
					t.Errorf("%q does not name %q", said, want)
				}
			}
			if strings.Contains(said, "\n") || len(said) > 400 {
				t.Errorf("not one short line: %q", said)
			}
		})
	}
}

// TestWhatAMagnetMayNotNameIsToldOnce has it name as many sources as fit.
func TestWhatAMagnetMayNotNameIsToldOnce(t *testing.T) {
	got, err := admit.ParseMagnet("magnet:?xt=urn:btih:"+hex+strings.Repeat("&ws=http://a/&xs=b", 3000), admit.Given, admit.Policy{})
	if err != nil || len(got.Refused) != 2 {
		t.Errorf("%d lines, %v", len(got.Refused), err)
	}
}
