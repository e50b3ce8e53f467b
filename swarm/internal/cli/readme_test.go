package cli_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestReadmeSampleManifestLoads takes the sample as a user would copy it.
func TestReadmeSampleManifestLoads(t *testing.T) {
	dir := write(t, map[string]string{
		"assets.toml":        readmeManifest(t),
		"button/button.html": "<!doctype html><p>Share",
		"button/img/a.svg":   "<svg/>",
		"button/img/b.svg":   "<svg></svg>",
	})
	cmd := newHouse(t).command("inspect", filepath.Join(dir, "assets.toml"))
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{
		`(?m)^name +share button$`, `(?m)^path +/widgets/button\.html$`, `(?m)^widget +img$`, `(?m)^name +b\.svg$`,
		`(?m)^tracker, tier 2 +https://two\.example/announce$`, `(?m)^pieces +1 of 32 KiB$`,
	} {
		if !regexp.MustCompile(want).Match(out) {
			t.Errorf("no %s in\n%s", want, out)
		}
	}
}

// readmeManifest returns the README's sample.
func readmeManifest(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile("../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(b), "```toml\n")
	sample, _, ok := strings.Cut(rest, "```\n")
	if !ok {
		t.Fatal("the README has no sample of a manifest")
	}
	return sample
}

// TestReadmeTellsOfEveryCommand compares with the program's own help.
func TestReadmeTellsOfEveryCommand(t *testing.T) {
	readme, err := os.ReadFile("../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	help, err := newHouse(t).command("--help").Output()
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(help), "Available Commands:\n")
	commands, _, ok := strings.Cut(rest, "\n\n")
	if !ok {
		t.Fatalf("no commands in\n%s", help)
	}
	for line := range strings.Lines(commands) {
		name := strings.Fields(line)[0]
		if name != "help" && !strings.Contains(string(readme), "| `swarmtop "+name) {
			t.Errorf("the README's table of commands lacks %s", name)
		}
	}
}
