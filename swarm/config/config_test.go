package config_test

import (
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"swarmtop/swarm/config"
)

// flags returns a configuration and the flags that set it.
func flags() (*config.Config, *pflag.FlagSet) {
	c, f := new(config.Config), pflag.NewFlagSet("swarmtop", pflag.ContinueOnError)
	c.Flags(f)
	return c, f
}

func TestReadmeListsEveryFlag(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	var table strings.Builder
	for line := range strings.Lines(string(readme)) {
		if strings.HasPrefix(line, "| `--") {
			table.WriteString(line)
		}
	}
	_, f := flags()
	f.VisitAll(func(flag *pflag.Flag) {
		name := "`--" + flag.Name
		if flag.Value.Type() == "bool" {
			name += "`"
		} else {
			name += " "
		}
		if n := strings.Count(table.String(), name); n != 1 {
			t.Errorf("the README's tables have %s… %d times, want once", name, n)
		}
	})
	for word := range strings.FieldsSeq(table.String()) {
		if name, ok := strings.CutPrefix(word, "`--"); ok && f.Lookup(strings.Trim(name, "`,;")) == nil {
			t.Errorf("the README tells of --%s, which is no flag", name)
		}
	}
}

func TestEveryFlagTellsWhatItTakes(t *testing.T) {
	_, f := flags()
	f.VisitAll(func(flag *pflag.Flag) {
		name, usage := pflag.UnquoteUsage(flag)
		if flag.Value.Type() != "bool" && !strings.Contains(flag.Usage, "`"+name+"`") {
			t.Errorf("--%s does not name its value: %s", flag.Name, flag.Usage)
		}
		if usage == "" || strings.HasSuffix(usage, ".") {
			t.Errorf("--%s: %q", flag.Name, usage)
		}
	})
}

func TestEnvironmentGivesWayToFlags(t *testing.T) {
	c, f := flags()
	if err := f.Parse([]string{"--listen", "127.0.0.1:1", "--tracker", "http://flag.example/announce", "--dht=false"}); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{
		"SWARMTOP_LISTEN":      "127.0.0.1:2",
		"SWARMTOP_TRACKER":     "http://env.example/announce",
		"SWARMTOP_DHT":         "true",
		"SWARMTOP_PEER_LISTEN": "127.0.0.1:3",
		"SWARMTOP_NO_SEED":     "1",
		"SWARMTOP_ALLOW_HOST":  " a.example  b.example ",
		"SWARMTOP_SAVE":        "/a folder/with blanks",
		"SWARMTOP_MANIFEST":    "",
	}
	if err := config.Environment(f, func(name string) string { return env[name] }); err != nil {
		t.Fatal(err)
	}
	if c.Listen != "127.0.0.1:1" || c.DHT || !slices.Equal(c.Trackers, []string{"http://flag.example/announce"}) {
		t.Errorf("the environment overrode flags: %+v", c)
	}
	if c.PeerListen != "127.0.0.1:3" || !c.NoSeed || !slices.Equal(c.AllowHosts, []string{"a.example", "b.example"}) || c.Save != "/a folder/with blanks" {
		t.Errorf("the environment did not count: %+v", c)
	}
}

func TestEnvironmentNamesTheVariableThatIsWrong(t *testing.T) {
	_, f := flags()
	err := config.Environment(f, func(name string) string {
		return map[string]string{"SWARMTOP_CACHE_BYTES": "lots"}[name]
	})
	if err == nil || !strings.HasPrefix(err.Error(), "SWARMTOP_CACHE_BYTES: ") {
		t.Errorf("the error is %v", err)
	}
}

func TestVersionOfAnImageIsNoFlag(t *testing.T) {
	_, f := flags()
	f.Bool("version", false, "")
	if err := config.Environment(f, func(name string) string {
		return map[string]string{"SWARMTOP_VERSION": "0.1.0"}[name]
	}); err != nil {
		t.Error(err)
	}
}

func TestOfASingleFlagTheLastCounts(t *testing.T) {
	c, f := flags()
	if err := f.Parse([]string{"--state", "a", "x.torrent", "--state", "b", "--tracker=t", "--tracker", "u", "y.torrent"}); err != nil {
		t.Fatal(err)
	}
	if c.State != "b" || !slices.Equal(c.Trackers, []string{"t", "u"}) || !slices.Equal(f.Args(), []string{"x.torrent", "y.torrent"}) {
		t.Errorf("state %s, trackers %q, sources %q", c.State, c.Trackers, f.Args())
	}
}

func TestCheckFillsInTheStateFolder(t *testing.T) {
	c, _ := flags()
	if err := c.Check(); err != nil || !filepath.IsAbs(c.State) || filepath.Base(c.State) != "swarmtop" {
		t.Errorf("state folder %q, %v", c.State, err)
	}
}

func TestAnAddressIsANetworkOfOne(t *testing.T) {
	got, err := config.Prefixes("--deny-net", []string{"10.1.2.3/8", "192.0.2.7", "2001:db8::1"})
	want := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("192.0.2.7/32"), netip.MustParsePrefix("2001:db8::1/128")}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v; want %v", got, err, want)
	}
}
