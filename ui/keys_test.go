package ui

import (
	"slices"
	"strings"
	"testing"

	"github.com/charmbracelet/x/exp/golden"
)

// contexts are all the places in which keys mean something.
func contexts() map[string]keymap {
	return map[string]keymap{
		"screen": screenKeys(),
		"add":    (&addDialog{}).keys(),
		"remove": (&removeDialog{}).keys(),
		"help":   (&pager{opened: []string{"?"}}).keys(),
		"log":    (&pager{opened: []string{"L"}}).keys(),
	}
}

func TestNoKeyMeansTwoThings(t *testing.T) {
	for name, keys := range contexts() {
		seen := map[string]string{}
		for _, b := range keys {
			for _, k := range b.keys {
				if other, ok := seen[k]; ok {
					t.Errorf("%s: %q does both %q and %q", name, k, other, b.help)
				}
				seen[k] = b.help
			}
			if b.help == "" || b.run == nil || len(b.keys) == 0 {
				t.Errorf("%s: binding %v lacks keys, words or deeds", name, b.keys)
			}
		}
	}
}

// TestTextInputsTakeAllText holds that no printable character closes or submits a
// dialog that takes text.
func TestTextInputsTakeAllText(t *testing.T) {
	for _, b := range (&addDialog{}).keys() {
		for _, k := range b.keys {
			if len(k) == 1 || k == "space" {
				t.Errorf("%q does %q and cannot be typed", k, b.help)
			}
		}
	}
}

func TestHelpListsEveryKey(t *testing.T) {
	m := &Model{keys: screenKeys()}
	for _, width := range []int{36, 60, 200} {
		var text strings.Builder
		for _, row := range m.helpRows(new(pager), width) {
			for _, s := range row {
				text.WriteString(s.text)
			}
			text.WriteString("\n")
		}
		for _, b := range m.keys {
			if !strings.Contains(text.String(), b.label()) || !strings.Contains(text.String(), b.help) {
				t.Errorf("help of width %d lacks %s: %s", width, b.label(), b.help)
			}
		}
	}
}

func TestKeyTableListsEveryKey(t *testing.T) {
	golden.RequireEqual(t, KeyTable())
}

// TestFooterNamesNoDeadKeys holds that what the footer offers for a pane is bound.
func TestFooterNamesNoDeadKeys(t *testing.T) {
	for name, keys := range contexts() {
		for _, b := range keys {
			if b.short != "" && b.on == 0 {
				t.Errorf("%s: %v has a word for the footer of no pane", name, b.keys)
			}
		}
		if !slices.ContainsFunc(keys, func(b binding) bool { return slices.Contains(b.keys, "esc") }) {
			t.Errorf("%s: esc leads nowhere", name)
		}
	}
}
