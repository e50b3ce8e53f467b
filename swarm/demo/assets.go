package demo

import (
	"embed"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
)

//go:embed assets
var written embed.FS

// files returns the paths of all assets, those of a widget side by side and its page first.
func files() []string {
	return []string{
		"share-button/share-button.html", "share-button/share-button.js", "share-button/share-button.css",
		"share-button/share-icon.svg", "share-button/share-badge.png", "share-button/share-config.json",
		"reactions/reactions.html", "reactions/reactions.js", "reactions/reactions.svg",
	}
}

// read returns the bytes of an asset. The badge is painted, the rest is embedded.
func read(name string) ([]byte, error) {
	if name == "share-button/share-badge.png" {
		return badgePNG()
	}
	return written.ReadFile("assets/" + name)
}

// Manifest returns the manifest of the assets, to stand beside their folders.
// Each is served at /widgets/ and its name.
func Manifest() string {
	var b strings.Builder
	for _, file := range files() {
		fmt.Fprintf(&b, "[[asset]]\nname = %q\nwidget = %q\nsource = %q\npath = %q\npiece_length = %d\n\n",
			path.Base(file), path.Dir(file), file, "/widgets/"+path.Base(file), pieceLength)
	}
	return b.String()
}

// Write puts the assets and their manifest into the folder dir, and returns the
// path of the manifest.
func Write(dir string) (manifest string, err error) {
	for _, file := range files() {
		b, err := read(file)
		if err != nil {
			return "", fmt.Errorf("demo: %w", err)
		}
		to := filepath.Join(dir, filepath.FromSlash(file))
		if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
			return "", fmt.Errorf("demo: %w", err)
		}
		if err := os.WriteFile(to, b, 0o600); err != nil {
			return "", fmt.Errorf("demo: %w", err)
		}
	}
	manifest = filepath.Join(dir, "manifest.toml")
	if err := os.WriteFile(manifest, []byte(Manifest()), 0o600); err != nil {
		return "", fmt.Errorf("demo: %w", err)
	}
	return manifest, nil
}
