package ui

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"swarmtop/swarm"
)

func TestOwnKeysTakeThePlaceOfTheUsualOnes(t *testing.T) {
	keys, err := screenKeys().with(map[string][]string{
		"seed": {"s"}, "remove": {"delete", "ctrl+d"}, "zoom": {}, "quit": {"f10"}, "page_up": {"page up", "ctrl+b"},
		"panes": {"f1", "f2", "f3", "f4", "f5"}, "disconnect": {"X"}, "ban": {"x"}, "copy": {"ctrl+alt+y"},
	})
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{
		"s": "seed", "space": "", "delete": "remove", "ctrl+d": "remove", "d": "", "z": "", "f10": "quit", "ctrl+c": "quit", "q": "",
		"pgup": "page_up", "ctrl+b": "page_up", "f3": "panes", "3": "", "X": "disconnect", "x": "ban", "ctrl+alt+y": "copy", "a": "add",
	} {
		got := ""
		if b := keys.find(key); b != nil {
			got = b.name
		}
		if got != want {
			t.Errorf("%s does %q, want %q", key, got, want)
		}
	}
	for usual, want := range map[string]string{"space": "s", "z": unbound, "q": "f10", "pgup": "page up", "a": "a", "1": "f1", "d": "delete"} {
		if got := keys.instead(usual); got != want {
			t.Errorf("in place of %s there is %s, want %s", usual, got, want)
		}
	}
}

func TestMistakesInKeysNameTheAction(t *testing.T) {
	for _, c := range []struct {
		action, keys, key, want string
	}{
		{"ad", "i", "keys.ad", "no such action; there are seed, seed_all,"},
		{"", "i", "keys.", "no such action"},
		{"add", "pageup", "keys.add", `"pageup": no key; write a character, or one of space tab`},
		{"add", "", "keys.add", `"": no key`},
		{"add", "ctrl+", "keys.add", `"ctrl+": no key`},
		{"add", "cmd+a", "keys.add", `"cmd+a": no key; before a + there is ctrl, alt or shift`},
		{"add", "shift+a", "keys.add", `"shift+a": no key; write the character that it types, such as "A"`},
		{"add", "ctrl+A", "keys.add", `"ctrl+A": no key; write ctrl+a`},
		{"add", "ctrl+i", "keys.add", `"ctrl+i": terminals send it as tab`},
		{"add", "\u0007", "keys.add", `no key`},
		{"add", "\u200b", "keys.add", `no key`},
		{"add", "f13", "keys.add", `no key`},
		{"add", "x", "keys.add", `"x" is the key of disconnect too; give one of them another`},
		{"disconnect", "a", "keys.disconnect", `"a" is the key of add too`},
		{"page_up", "page down", "keys.page_up", `"page down" is the key of page_down too`},
		{"add", "i,i", "keys.add", `"i" stands there twice`},
		{"add", "ctrl+c", "keys.add", `"ctrl+c" always quits`},
		{"panes", "6,7", "keys.panes", "2 keys; want one for each of the 5 panes, in their order"},
	} {
		_, err := screenKeys().with(map[string][]string{c.action: strings.Split(c.keys, ",")})
		wrong, ok := errors.AsType[*swarm.SettingError](err)
		if !ok || wrong.Key != c.key || !strings.Contains(wrong.Err.Error(), c.want) {
			t.Errorf("%s = %q: %v, want %s: …%s…", c.action, c.keys, err, c.key, c.want)
		}
	}
}

func TestEveryActionHasANameOfItsOwn(t *testing.T) {
	names := screenKeys().names()
	if slices.Sort(names); len(names) != len(screenKeys()) || len(slices.Compact(names)) != len(screenKeys()) {
		t.Errorf("%d names for %d actions: %q", len(names), len(screenKeys()), names)
	}
}

// TestWhateverKeysAreTakenNoneMeansTwoThings gives random actions random keys.
func TestWhateverKeysAreTakenNoneMeansTwoThings(t *testing.T) {
	key := rapid.Custom(func(t *rapid.T) string {
		return rapid.SampledFrom([]string{"", "", "ctrl+", "alt+", "shift+"}).Draw(t, "mod") +
			rapid.SampledFrom(append(namedKeys(), strings.Split("abcxyzASX/?<[+-=é漢", "")...)).Draw(t, "key")
	})
	rapid.Check(t, func(t *rapid.T) {
		own := rapid.MapOfN(rapid.SampledFrom(screenKeys().names()), rapid.SliceOfN(key, 0, 3), 0, 6).Draw(t, "own")
		keys, err := screenKeys().with(own)
		if err != nil {
			if wrong, ok := errors.AsType[*swarm.SettingError](err); !ok || own[strings.TrimPrefix(wrong.Key, "keys.")] == nil {
				t.Fatalf("%v does not name an action that was set", err)
			}
			return
		}
		seen := map[string]bool{}
		for _, b := range keys {
			for _, k := range b.keys {
				if seen[k] {
					t.Fatalf("%q does two things", k)
				}
				seen[k] = true
			}
		}
		if b := keys.find(alwaysQuits); b == nil || b.name != "quit" {
			t.Fatal("ctrl+c does not quit")
		}
	})
}
