package ui

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"swarmtop/ui/panes"
)

// binding is one thing that keys do. Update runs it; footer, help and the key
// table of the README are made from it.
type binding struct {
	name  string   // by which a manifest gives it other keys; empty for keys that stay
	keys  []string // as Bubble Tea names them
	short string   // for the footer; empty keeps it out of there
	help  string   // what it does, from a verb
	group string   // its heading in the help
	on    paneSet  // the panes whose footer shows it
	run   func(m *Model, key string) tea.Cmd
}

// keymap is what keys do in one context. No key stands in it twice.
type keymap []binding

// find returns the binding of a key, or nil.
func (k keymap) find(key string) *binding {
	for i := range k {
		if slices.Contains(k[i].keys, key) {
			return &k[i]
		}
	}
	return nil
}

// label writes the first key of a binding for people; unbound when it has none.
func (k keymap) label(name string) string {
	for i := range k {
		if k[i].name == name && len(k[i].keys) > 0 {
			return k[i].labels()[0]
		}
	}
	return unbound
}

// instead writes the key that does what the usual one does when no manifest says
// otherwise.
func (k keymap) instead(usual string) string {
	if b := screenKeys().find(usual); b != nil {
		return k.label(b.name)
	}
	return usual
}

// paneSet is a set of panes, a bit each.
type paneSet uint8

const (
	onSwarms paneSet = 1 << iota
	onPeers
	onPieces
	onTrackers
	onResponses
	onAll   = onSwarms | onPeers | onPieces | onTrackers | onResponses
	onRows  = onAll &^ onPieces     // the panes whose rows can be filtered
	onTable = onRows &^ onResponses // the panes whose rows can be sorted
)

func (s paneSet) has(pane int) bool { return s&(1<<pane) != 0 }

// keyNames are the keys whose names people write otherwise than Bubble Tea does.
var keyNames = strings.NewReplacer(
	"pgup", "page up", "pgdown", "page down",
	"up", "↑", "down", "↓", "left", "←", "right", "→",
)

// label writes the keys of a binding for people: "1–5", "j ↓".
func (b *binding) label() string { return strings.Join(b.labels(), " ") }

func (b *binding) labels() []string {
	if strings.Join(b.keys, "") == "12345" {
		return []string{"1–5"}
	}
	if len(b.keys) == 0 {
		return []string{unbound}
	}
	names := make([]string, len(b.keys))
	for i, k := range b.keys {
		names[i] = keyNames.Replace(k)
	}
	return names
}

// The headings of the help.
const (
	panesGroup = "Panes"
	rowsGroup  = "Rows"
	swarmGroup = "Swarms"
	viewGroup  = "Display"
)

// screenKeys are the keys of the screen itself, while no dialog is open.
func screenKeys() keymap {
	move := func(motion panes.Motion) func(*Model, string) tea.Cmd {
		return func(m *Model, _ string) tea.Cmd { return m.move(m.focus, motion) }
	}
	plain := func(f func(*Model)) func(*Model, string) tea.Cmd {
		return func(m *Model, _ string) tea.Cmd { f(m); return nil }
	}
	does := func(f func(*Model) tea.Cmd) func(*Model, string) tea.Cmd {
		return func(m *Model, _ string) tea.Cmd { return f(m) }
	}
	return keymap{
		{name: "seed", keys: []string{"space"}, short: "seed on/off", help: "start or stop seeding the selected swarm or widget", group: swarmGroup, on: onAll, run: does((*Model).toggleSelected)},
		{name: "seed_all", keys: []string{"S"}, help: "start or stop seeding all swarms", group: swarmGroup, on: onSwarms, run: does((*Model).toggleAll)},
		{name: "undo", keys: []string{"u"}, help: "undo the last start, stop or removal", group: swarmGroup, run: does((*Model).undo)},
		{name: "add", keys: []string{"a"}, short: "add", help: "add a magnet, file, folder, URL or info hash", group: swarmGroup, on: onSwarms, run: plain((*Model).openAdd)},
		{name: "remove", keys: []string{"d"}, short: "remove", help: "remove the selected swarm or widget (asks)", group: swarmGroup, on: onSwarms, run: plain((*Model).openRemove)},
		{name: "reannounce", keys: []string{"r"}, short: "reannounce", help: "announce the selected swarm or widget now", group: swarmGroup, on: onTrackers | onPeers, run: does((*Model).reannounceSelected)},
		{name: "reannounce_all", keys: []string{"R"}, help: "announce all swarms now", group: swarmGroup, run: does((*Model).reannounceAll)},

		{name: "acknowledge", keys: []string{"A"}, help: "acknowledge the alarm", group: swarmGroup, run: plain((*Model).acknowledge)},
		{name: "probe", keys: []string{"p"}, short: "probe", help: "probe the public URLs of the selected swarm or widget now: what do they answer?", group: swarmGroup, on: onResponses, run: does((*Model).probeSelected)},
		{name: "break_cache", keys: []string{"b"}, help: "in the demo: break the cache, and mend it", group: swarmGroup, run: does((*Model).breakCache)},
		{name: "stop_origin", keys: []string{"B"}, help: "in the demo: stop the origin and the first seeder, and start the origin again", group: swarmGroup, run: does((*Model).stopOrigin)},
		{name: "disconnect", keys: []string{"x"}, short: "disconnect", help: "disconnect the selected peer (asks)", group: swarmGroup, on: onPeers, run: plain((*Model).askDisconnect)},
		{name: "ban", keys: []string{"X"}, short: "ban", help: "ban the selected peer's address (asks)", group: swarmGroup, on: onPeers, run: plain((*Model).askBan)},
		{name: "limit_down", keys: []string{"-"}, help: "lower the upload limit", group: swarmGroup, run: does(func(m *Model) tea.Cmd { return m.limitUploads(false) })},
		{name: "limit_up", keys: []string{"+", "="}, help: "raise the upload limit, and lift it", group: swarmGroup, run: does(func(m *Model) tea.Cmd { return m.limitUploads(true) })},

		{name: "up", keys: []string{"k", "up"}, help: "move up (also the wheel)", group: rowsGroup, run: move(panes.Up)},
		{name: "down", keys: []string{"j", "down"}, help: "move down (also the wheel)", group: rowsGroup, run: move(panes.Down)},
		{name: "page_up", keys: []string{"pgup"}, help: "move up a page", group: rowsGroup, run: move(panes.PageUp)},
		{name: "page_down", keys: []string{"pgdown"}, help: "move down a page", group: rowsGroup, run: move(panes.PageDown)},
		{name: "top", keys: []string{"g", "home"}, help: "go to the top", group: rowsGroup, run: move(panes.Top)},
		{name: "bottom", keys: []string{"G", "end"}, help: "go to the bottom", group: rowsGroup, run: move(panes.Bottom)},
		{name: "filter", keys: []string{"/"}, short: "filter", help: "filter the focused pane", group: rowsGroup, on: onRows, run: plain((*Model).openFilter)},
		{name: "sort", keys: []string{"o"}, short: "sort", help: "sort by the next column", group: rowsGroup, on: onTable, run: plain((*Model).sortNext)},
		{name: "reverse", keys: []string{"O"}, help: "turn the order round", group: rowsGroup, run: plain((*Model).reverse)},
		{name: "details", keys: []string{"enter"}, short: "details", help: "show all of the selected row; fold or unfold a widget", group: rowsGroup, on: onAll, run: plain((*Model).openDetails)},
		{name: "crowd", keys: []string{"c"}, short: "crowd", help: "show how the peers of the selected swarm come, are served, and go", group: rowsGroup, on: onSwarms | onPeers, run: plain((*Model).openCrowd)},
		{name: "left", keys: []string{"left"}, help: "move to the piece before", group: rowsGroup, run: move(panes.Left)},
		{name: "right", keys: []string{"right"}, help: "move to the piece after", group: rowsGroup, run: move(panes.Right)},
		{name: "by_host", keys: []string{"h"}, short: "by host", help: "trackers by host over all swarms, and back", group: rowsGroup, on: onTrackers, run: plain((*Model).byHost)},
		{name: "failed_peers", keys: []string{"F"}, short: "failed", help: "peers that failed and why, and back to those that are connected", group: rowsGroup, on: onPeers, run: plain((*Model).failedPeers)},
		{name: "copy", keys: []string{"y"}, short: "copy", help: "copy the swarm's magnet link, the peer's address, or the curl command of the alarm or probe", group: rowsGroup, on: onSwarms | onPeers, run: does((*Model).copyRow)},

		{name: "panes", keys: []string{"1", "2", "3", "4", "5"}, help: "focus a pane", group: panesGroup,
			run: func(m *Model, key string) tea.Cmd { m.setFocus(slices.Index(m.keys.find(key).keys, key)); return nil }},
		{name: "next_pane", keys: []string{"tab"}, short: "next pane", help: "focus the next pane", group: panesGroup, on: onAll,
			run: plain(func(m *Model) { m.setFocus((m.focus + 1) % paneCount) })},
		{name: "previous_pane", keys: []string{"shift+tab"}, help: "focus the previous pane", group: panesGroup,
			run: plain(func(m *Model) { m.setFocus((m.focus + paneCount - 1) % paneCount) })},
		{name: "zoom", keys: []string{"z"}, short: "zoom", help: "give the focused pane the whole window, and back", group: panesGroup, on: onAll,
			run: plain(func(m *Model) { m.zoom = !m.zoom })},

		{name: "back", keys: []string{"esc"}, help: "go back: clear the filter, leave the zoom, thaw", group: viewGroup, run: plain((*Model).back)},
		{name: "freeze", keys: []string{"f"}, short: "freeze", help: "freeze the display, and thaw it", group: viewGroup, on: onResponses | onPieces, run: plain((*Model).freeze)},
		{name: "step_back", keys: []string{"["}, help: "step back in what was kept of the last minutes", group: viewGroup, run: plain(func(m *Model) { m.stepTime(-1) })},
		{name: "step_forth", keys: []string{"]"}, help: "step forth in it", group: viewGroup, run: plain(func(m *Model) { m.stepTime(+1) })},
		{name: "jump_back", keys: []string{"{"}, help: "go a minute back in what was kept, or in a recording", group: viewGroup, run: plain(func(m *Model) { m.jumpTime(-pastJump) })},
		{name: "jump_forth", keys: []string{"}"}, help: "go a minute forth in it", group: viewGroup, run: plain(func(m *Model) { m.jumpTime(+pastJump) })},
		{name: "span", keys: []string{"t"}, help: "show another span of time in the graph", group: viewGroup, run: plain((*Model).nextSpan)},
		{name: "mask", keys: []string{"P"}, help: "mask addresses, for pictures", group: viewGroup, run: plain((*Model).toggleMask)},
		{name: "previous_theme", keys: []string{"<"}, help: "previous theme", group: viewGroup, run: plain(func(m *Model) { m.nextTheme(-1) })},
		{name: "next_theme", keys: []string{">"}, help: "next theme", group: viewGroup, run: plain(func(m *Model) { m.nextTheme(+1) })},
		{name: "mouse", keys: []string{"m"}, help: "give the mouse to the terminal, and take it back", group: viewGroup, run: plain((*Model).toggleMouse)},
		{name: "log", keys: []string{"L"}, help: "show the event log", group: viewGroup, run: plain((*Model).openLog)},
		{name: "help", keys: []string{"?"}, short: "help", help: "show this help", group: viewGroup, on: onAll, run: plain((*Model).openHelp)},
		{name: "suspend", keys: []string{"ctrl+z"}, help: "suspend", group: viewGroup, run: (*Model).suspend},
		{name: "quit", keys: []string{"q", "ctrl+c"}, short: "quit", help: "quit", group: viewGroup, on: onAll, run: func(*Model, string) tea.Cmd { return tea.Quit }},
	}
}

// KeyTable returns the keys of the screen as a Markdown table, for the README.
func KeyTable() string {
	var b strings.Builder
	b.WriteString("| key | what it does | name |\n| --- | --- | --- |\n")
	keys := screenKeys()
	for i := range keys {
		b.WriteString("| `" + strings.Join(keys[i].labels(), "` `") + "` | " + keys[i].help + " | `" + keys[i].name + "` |\n")
	}
	return b.String()
}
