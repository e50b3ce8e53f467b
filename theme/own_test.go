package theme

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/charmbracelet/colorprofile"
)

func load(t *testing.T, text string) (*Own, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "mine.toml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return Load(path)
}

func TestOwnThemeTakesTheRestFromItsBase(t *testing.T) {
	o, err := load(t, "base = \"nord\"\n[colors]\naccent = \"#12ab34\"\n")
	if err != nil {
		t.Fatal(err)
	}
	th := o.Compile(colorprofile.TrueColor)
	if o.Name() != "mine" || th.Name != "mine" || !th.Dark {
		t.Errorf("name %q, dark %v", th.Name, th.Dark)
	}
	if got := th.SGR(Accent); got != "\x1b[0;38;2;18;171;52m" {
		t.Errorf("accent is %q", got)
	}
	nord, err := Named("nord", colorprofile.TrueColor)
	if err != nil || th.SGR(Good) != nord.SGR(Good) {
		t.Errorf("good is %q, nord's is %q, %v", th.SGR(Good), nord.SGR(Good), err)
	}
}

func TestMistakesInAThemeNameTheKey(t *testing.T) {
	for text, want := range map[string]string{
		"base = \"plaid\"": "base: theme \"plaid\" is unknown",
		"base = \"nord\"\n[colors]\nacent = \"#123456\"":        "colors.acent is unknown: there are text",
		"base = \"nord\"\n[colors]\naccent = \"red\"":           "colors.accent: \"red\" is not a colour",
		"base = \"nord\"\nbackground = \"#12345\"":              "background: \"#12345\" is not a colour",
		"base = \"nord\"\ncolour = 1":                           "line 2: colour is unknown",
		"base = \"nord\"\ndark = 3":                             "line 2",
		"base = \"nord\"\nname = \"dusk\"":                      "name: \"dusk\" is a built-in theme",
		"background = \"#000000\"":                              "colors.accent is missing",
		"base = \"nord":                                         "line 1",
		"base = \"nord\"\n[colors]\nalarm = \"#123456\"":        "colors.alarm is unknown",
		"base = \"nord\"\n[colors]\naccent = \"#12345678\"":     "colors.accent",
		"base = \"nord\"\n[colors]\naccent = \"#zzzzzz\"":       "colors.accent",
		"base = \"nord\"\n[colors]\nborder_focus = \"#123456\"": "colors.border_focus is unknown",
	} {
		_, err := load(t, text)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "mine.toml") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %v, want one line with %q and the file", text, err, want)
		}
	}
	if _, err := Load(filepath.Join(t.TempDir(), "none.toml")); err == nil {
		t.Error("a file that is not there is a theme")
	}
}

func TestEveryTokenHasAName(t *testing.T) {
	if n := len(tokenNames()); n != int(Alarm) {
		t.Errorf("%d names for %d tokens", n, Alarm)
	}
}
