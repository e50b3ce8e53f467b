package admit_test

import (
	"errors"
	"net/netip"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"swarmtop/swarm/admit"
)

func TestAddressesByScope(t *testing.T) {
	for _, c := range []struct {
		addrs string
		reach [3]bool // by scope: Public, Local, Any
	}{
		{"93.184.216.34 2606:2800:220:1::1 ::ffff:93.184.216.34", [3]bool{true, true, true}},
		{"127.0.0.1 127.3.2.1 ::1 ::ffff:127.0.0.1", [3]bool{false, true, true}},
		{"10.1.2.3 172.16.0.1 172.31.255.255 192.168.1.1 fd00::1 ::ffff:10.0.0.1", [3]bool{false, true, true}},
		{"0.0.0.0 :: 100.64.0.1 192.0.2.1 198.18.0.1 224.1.2.3 240.0.0.1 255.255.255.255 64:ff9b::7f00:1 2002:7f00:1:: 2001:db8::1 ff0e::1", [3]bool{false, false, true}},
		{"169.254.169.254 169.254.0.1 fe80::1 fe80::1%eth0 ff02::1 224.0.0.1 ::ffff:169.254.169.254", [3]bool{false, false, false}},
	} {
		for s := range strings.FieldsSeq(c.addrs) {
			addr := netip.MustParseAddr(s)
			for scope, want := range c.reach {
				err := admit.Policy{}.Check(addr, admit.Scope(scope))
				if (err == nil) != want {
					t.Errorf("%s in scope %d: %v, want allowed %v", s, scope, err, want)
				}
				if refusal, ok := errors.AsType[*admit.AddressError](err); err != nil && (!ok || refusal.Rule == "") {
					t.Errorf("%s: error %#v names no rule", s, err)
				}
			}
		}
	}
}

func TestDenyGoesBeforeAllowAndAllowBeforeTheRules(t *testing.T) {
	p := admit.Policy{
		Allow: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("169.254.1.0/24"), netip.MustParsePrefix("fd00::/8")},
		Deny:  []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16"), netip.MustParsePrefix("93.184.0.0/16")},
	}
	for _, c := range []struct {
		addr string
		ok   bool
	}{
		{"10.2.0.1", true}, {"::ffff:10.2.0.1", true}, {"169.254.1.1", true}, {"fd00::1", true},
		{"10.1.0.1", false}, {"::ffff:10.1.0.1", false}, {"93.184.216.34", false}, {"169.254.2.1", false}, {"127.0.0.1", false},
	} {
		if err := p.Check(netip.MustParseAddr(c.addr), admit.Public); (err == nil) != c.ok {
			t.Errorf("%s: %v, want allowed %v", c.addr, err, c.ok)
		}
	}
	if err := p.Check(netip.MustParseAddr("10.1.0.1"), admit.Any); err == nil || !strings.Contains(err.Error(), "--deny-net 10.1.0.0/16") {
		t.Errorf("error %v does not name the prefix", err)
	}
	if err := p.CheckPeer(netip.MustParseAddr("127.0.0.1")); err != nil {
		t.Errorf("a peer on loopback: %v", err)
	}
	if err := p.CheckPeer(netip.MustParseAddr("::ffff:10.1.9.9")); err == nil {
		t.Error("a denied peer was let through")
	}
}

func TestScopeOfAURLByWhereItCameFrom(t *testing.T) {
	for _, c := range []struct {
		url                   string
		foreign, given, typed admit.Scope
	}{
		{"http://t/announce", admit.Public, admit.Local, admit.Any},
		{"http://t/announce?key=1", admit.Public, admit.Local, admit.Any},
		{"http://t/scrape?info_hash=x", admit.Public, admit.Local, admit.Any},
		{"udp://t:1", admit.Public, admit.Local, admit.Any},
		{"http://t/cgi-bin/restart?now", admit.Public, admit.Public, admit.Any},
		{"http://t/x/announce?a=b", admit.Public, admit.Public, admit.Any},
		{"http://t/file.js", admit.Public, admit.Local, admit.Any},
		{"http://t/file.js?", admit.Public, admit.Public, admit.Any},
		{"http://t/%zz", admit.Public, admit.Public, admit.Public},
	} {
		for trust, want := range map[admit.Trust]admit.Scope{admit.Foreign: c.foreign, admit.Given: c.given, admit.Typed: c.typed} {
			if got := admit.ScopeOf(trust, c.url); got != want {
				t.Errorf("%s %v: scope %d, want %d", c.url, trust, got, want)
			}
		}
	}
}

func TestTrackerURLs(t *testing.T) {
	long := "http://t.example/" + strings.Repeat("x", 2048)
	for _, c := range []struct {
		raw   string
		trust admit.Trust
		want  string // the URL, or a part of the error after "!"
	}{
		{"http://t.example/announce", admit.Foreign, "http://t.example/announce"},
		{"HTTPS://T.Example:443/announce?Key=A#top", admit.Foreign, "https://t.example:443/announce?Key=A"},
		{"udp://t.example:6969/announce", admit.Foreign, "udp://t.example:6969/announce"},
		{"http://[2606:2800:220:1::1]:6969/announce", admit.Foreign, "http://[2606:2800:220:1::1]:6969/announce"},
		{"http://127.0.0.1:6969/announce", admit.Given, "http://127.0.0.1:6969/announce"},
		{"udp://127.0.0.1:6969", admit.Given, "udp://127.0.0.1:6969"},
		{"http://127.0.0.1/reboot?now", admit.Typed, "http://127.0.0.1/reboot?now"},

		{"http://127.0.0.1:6969/announce", admit.Foreign, "!it is loopback"},
		{"http://[::1]:6969/announce", admit.Foreign, "!it is loopback"},
		{"http://127.0.0.1/reboot?now", admit.Given, "!it is loopback"},
		{"http://192.168.0.1/reboot?now", admit.Given, "!it is private"},
		{"http://169.254.169.254/announce", admit.Typed, "!it is link-local"},
		{"http://[fe80::1%25eth0]/announce", admit.Typed, "!it is link-local"},
		{"ws://t.example/", admit.Given, "!WebSocket"},
		{"wss://t.example/", admit.Given, "!WebSocket"},
		{"ftp://t.example/", admit.Given, `!scheme "ftp" is not one of udp, http, https`},
		{"t.example/announce", admit.Given, `!scheme ""`},
		{"javascript:alert(1)", admit.Given, "!scheme"},
		{"http:t.example", admit.Given, "!no host"},
		{"http:///announce", admit.Given, "!no host"},
		{"http://:80/announce", admit.Given, "!no host"},
		{"http://user:pw@t.example/", admit.Given, "!user info"},
		{"http://@t.example/", admit.Given, "!user info"},
		{"http://t.example:0/", admit.Given, "!port"},
		{"http://t.example:65536/", admit.Given, "!port"},
		{"http://t.example:x/", admit.Given, "!not a URL"},
		{"udp://t.example", admit.Given, "!needs a port"},
		{"http://t.example/\nHost: x", admit.Given, "!control characters"},
		{"http://t.example/a b", admit.Given, "!spaces"},
		{"http://t.example/\u0085", admit.Given, "!control characters"},
		{"", admit.Given, "!scheme"},
		{long, admit.Given, "!the limit is 2048"},
	} {
		got, err := admit.Policy{}.TrackerURL(c.raw, c.trust)
		if part, bad := strings.CutPrefix(c.want, "!"); bad {
			if err == nil || !strings.Contains(err.Error(), part) || strings.ContainsAny(err.Error(), "\n\u0085") || len(err.Error()) > 300 {
				t.Errorf("%.80q: %q, %v, want an error with %q", c.raw, got, err, part)
			}
		} else if err != nil || got != c.want {
			t.Errorf("%q: %q, %v, want %q", c.raw, got, err, c.want)
		}
	}
}

func TestWebSeedURLs(t *testing.T) {
	for raw, ok := range map[string]bool{
		"https://cdn.example/widgets/": true, "http://127.0.0.1:8080/w/": true,
		"http://127.0.0.1:8080/w?x=y": false, "udp://s.example:1": false, "file:///etc/passwd": false,
	} {
		if _, err := (admit.Policy{}).WebSeedURL(raw, admit.Given); (err == nil) != ok {
			t.Errorf("%s: %v, want admitted %v", raw, err, ok)
		}
	}
}

// What is admitted once is admitted again as the same, and less trust never reaches further.
func TestAdmittedURLsAreStable(t *testing.T) {
	url := rapid.Custom(func(t *rapid.T) string {
		host := rapid.SampledFrom([]string{"t.example", "127.0.0.1", "10.0.0.1", "[::1]", "169.254.1.1", "8.8.8.8", "u@h", ""}).Draw(t, "host")
		return rapid.SampledFrom([]string{"http://", "HTTPS://", "udp://", "ws://", ""}).Draw(t, "scheme") + host +
			rapid.SampledFrom([]string{"", ":1", ":0", ":99999"}).Draw(t, "port") +
			rapid.OneOf(rapid.SampledFrom([]string{"/announce", "/a?b=c", "", "/%41%2f"}), rapid.String()).Draw(t, "rest")
	})
	rapid.Check(t, func(t *rapid.T) {
		raw := url.Draw(t, "url")
		admitted := true
		for _, trust := range []admit.Trust{admit.Typed, admit.Given, admit.Foreign} {
			got, err := admit.Policy{}.TrackerURL(raw, trust)
			if err == nil && !admitted {
				t.Errorf("%q is refused to more trust and admitted to %v", raw, trust)
			}
			if admitted = err == nil; admitted {
				if again, err := (admit.Policy{}).TrackerURL(got, trust); err != nil || again != got {
					t.Errorf("%q is admitted as %q, and that as %q, %v", raw, got, again, err)
				}
			}
		}
	})
}
