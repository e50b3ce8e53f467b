// Package ui is the screen: the one Bubble Tea model, its layout, its keys and
// its dialogs. It draws nothing but snapshots, pulled four times a second, and
// it changes nothing but through [Commands]. It looks at no clock: every age is
// taken from the snapshot's own time.
package ui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"swarmtop/swarm"
	"swarmtop/theme"
	"swarmtop/ui/draw"
	"swarmtop/ui/panes"
)

// Snapshots is where the screen pulls from. Latest never returns nil and never blocks.
// One that tells when there is a new snapshot, by
// Subscribe() (wake <-chan struct{}, cancel func()), is not asked in between.
type Snapshots interface {
	Latest() *swarm.Snapshot
}

// Commands are what keys can do. Focus is called while a key is handled and must
// return at once; the others run beside the screen and may take their time, though
// Run waits for those that are under way when the user quits. Their effect shows in
// the next snapshot.
type Commands interface {
	// Focus tells which swarm the user looks at.
	Focus(h swarm.InfoHash)
	// SetSeeding starts or stops the uploads of swarms. Calls come one after another.
	SetSeeding(hashes []swarm.InfoHash, on bool) error
	// Add joins or publishes a source until ctx ends, and tells what it added in a few words.
	Add(ctx context.Context, source string) (message string, err error)
	// Remove leaves a swarm and deletes its bytes if asked to.
	Remove(h swarm.InfoHash, bytesToo bool) error
	// Restore undoes the removal of a swarm, bytes included, a minute long.
	Restore(h swarm.InfoHash) error
	// Disconnect ends one connection of a swarm.
	Disconnect(h swarm.InfoHash, peer swarm.PeerKey) error
	// Ban ends every connection with an address, host:port, and refuses its host.
	Ban(address string) error
	// SetUploadLimit bounds what is sent to all peers together, in bytes a second;
	// unknown lifts the bound.
	SetUploadLimit(limit swarm.Opt[int64]) error
	// Reannounce asks the trackers of swarms now, where their minimum intervals
	// allow it, and tells what became of it in a few words.
	Reannounce(hashes []swarm.InfoHash) (message string)
	// Probe asks the public URLs of swarms now, and tells how many there are in a few words.
	Probe(hashes []swarm.InfoHash) (message string)
	// StopOrigin stops the origin of the demo and drops its first seeder's bytes, or
	// starts the origin again, and tells which.
	StopOrigin() (message string, err error)
	// BreakCache breaks the cache of the demo, or mends it, and tells which.
	BreakCache() (message string, err error)
}

// Options are what the screen is told at start.
type Options struct {
	Theme   string              // a built-in theme by name, or a TOML file with one; empty takes our own, dark or light as the terminal is
	Symbols string              // what to draw with, as [draw.SymbolsNamed] has it; empty takes what the terminal can show
	Getenv  func(string) string // the terminal's environment; nil for one that can show all

	Demo bool // say that it is the demo, and how to watch one's own swarms

	// Recording is what is played when the snapshots are not of now; nil otherwise.
	// The screen takes its snapshots from there then, and gives no commands.
	Recording Recording

	// Settings returns what manifests say of the screen; another pointer each time
	// that changes. It must return at once. Nil for none.
	Settings func() *swarm.Settings

	Suspend func()        // asks for the program to be stopped, which then comes through Away; nil for never
	Away    <-chan func() // what is to run while the screen has left the terminal; nil for nothing
}

// pull is how often the screen looks for a new snapshot, at most where it is told of them.
const pull = time.Second / 4

// effect is how long after a command the screen looks for its effect.
const effect = 40 * time.Millisecond

// Model is the screen. Its zero value is not usable: see [New].
type Model struct {
	ctx       context.Context // of the commands; ends when the screen does
	snapshots Snapshots
	commands  Commands
	options   Options
	working   jobs // commands that have not returned

	told   bool // of each snapshot that comes: it need not look for them
	live   *swarm.Snapshot
	pinned *swarm.Snapshot // shown instead of live while the display is frozen
	past   past
	span   int // of the graph, an index into panes.Spans

	width, height int
	focus         int // the pane that has the keys
	zoom          bool
	mask          bool
	mouseOff      bool

	swarms    *panes.Swarms
	peers     *panes.Peers
	trackers  *panes.Trackers
	panes     [paneCount]panes.Pane
	revisions [paneCount]uint64 // grow with whatever the user does to a pane
	cache     [paneCount + 1]drawn
	frame     frame
	screen    tea.View
	drawn     bool // screen shows all that is

	theme     *theme.Theme
	symbols   draw.Symbols
	profile   colorprofile.Profile
	dark      bool
	themeName string     // chosen by the user; empty follows the terminal
	ownTheme  *theme.Own // nil for none

	settings *swarm.Settings // that were taken over last

	keys    keymap
	dialog  dialog
	filter  *filterInput
	message message
	draft   string // what was typed into the add dialog and not yet added

	selected *swarm.Swarm   // in the snapshot that is shown; nil when none or a widget is
	widget   string         // the selected one; empty when a swarm is selected
	kin      []*swarm.Swarm // of that widget
	focused  swarm.InfoHash // the swarm that Commands knows of
	seeding  seedingQueue
	alarms   alarms
	ring     bool              // the bell is to ring
	removed  []swarm.InfoHash  // the last removal, if nothing came after it
	limit    *swarm.Opt[int64] // of uploads, asked for and not seen in a snapshot yet
}

// New returns the screen. It fails when the theme is unknown or its file is wrong.
func New(s Snapshots, c Commands, o Options) (*Model, error) {
	if o.Recording != nil {
		s, c = o.Recording, spectator{}
	}
	m := &Model{
		ctx:       context.Background(),
		snapshots: s,
		commands:  c,
		options:   o,
		swarms:    new(panes.Swarms),
		peers:     new(panes.Peers),
		trackers:  new(panes.Trackers),
		dark:      true,
		keys:      screenKeys(),
		live:      new(swarm.Snapshot),
	}
	m.panes = [paneCount]panes.Pane{m.swarms, m.peers, new(panes.Pieces), m.trackers, new(panes.Responses)}
	if err := m.begin(); err != nil {
		return nil, err
	}
	if err := m.chooseSymbols(o); err != nil {
		return nil, err
	}
	m.look()
	return m, nil
}

// Init implements [tea.Model].
func (m *Model) Init() tea.Cmd {
	if m.told {
		return nil
	}
	return tick()
}

type (
	tickMsg struct{} // time to pull a snapshot, and to do so again
	pullMsg struct{} // time to pull a snapshot
	doneMsg struct { // a command has ended
		text  string
		err   error
		after func(m *Model) tea.Cmd // runs first; may be nil
	}
)

func tick() tea.Cmd { return tea.Tick(pull, func(time.Time) tea.Msg { return tickMsg{} }) }

// do runs a command beside the screen.
func (m *Model) do(command func() doneMsg) tea.Cmd {
	return func() tea.Msg {
		end, ok := m.working.start()
		if !ok {
			return nil
		}
		defer end()
		return command()
	}
}

// Update implements [tea.Model].
func (m *Model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	var cmd tea.Cmd
	shown := m.drawn
	m.drawn = false
	switch msg := msg.(type) {
	case tickMsg:
		var news bool
		cmd, news = m.pull()
		m.drawn = !news && shown
		cmd = tea.Batch(cmd, tick())
	case pullMsg:
		var news bool
		cmd, news = m.pull()
		m.drawn = !news && shown
	case doneMsg:
		cmd = m.done(msg)
	case tea.WindowSizeMsg:
		m.width, m.height = max(msg.Width, 0), max(msg.Height, 0)
	case tea.ColorProfileMsg:
		m.profile = msg.Profile
		m.recompile()
	case tea.BackgroundColorMsg:
		m.dark = msg.IsDark()
		m.recompile()
	case away:
		cmd = tea.Exec(msg, nil)
	case tea.KeyPressMsg:
		cmd = m.press(msg)
	case tea.PasteMsg:
		m.paste(msg)
	case tea.MouseClickMsg:
		m.click(tea.Mouse(msg))
	case tea.MouseWheelMsg:
		m.wheel(tea.Mouse(msg))
	}
	return m, tea.Batch(cmd, m.bell())
}

// press gives a key to whoever has the keys: the open dialog, the filter, or the screen.
func (m *Model) press(k tea.KeyPressMsg) tea.Cmd {
	key := k.String()
	switch {
	case key == "ctrl+c":
		return tea.Quit
	case m.dialog != nil:
		if b := m.dialog.keys().find(key); b != nil {
			return b.run(m, key)
		}
		m.dialog.typed(k)
		return nil
	case m.filter != nil:
		m.filter.press(m, k)
		return nil
	}
	b := m.keys.find(key)
	switch {
	case b == nil:
		return nil
	case m.options.Recording != nil && b.changes():
		m.spectate(b)
		return nil
	}
	return b.run(m, key)
}

// pull looks for a new snapshot and new settings, and tells whether there was one.
func (m *Model) pull() (cmd tea.Cmd, news bool) {
	before := m.settings
	news = m.look()
	cmd = m.follow()
	return cmd, news || m.settings != before
}

// look pulls the latest snapshot, and tells whether it is a new one.
func (m *Model) look() (news bool) {
	latest := m.snapshots.Latest()
	if latest == m.live {
		return false
	}
	m.live = latest
	if m.options.Recording == nil {
		m.past.keep(latest)
	}
	m.ring = m.alarms.follow(latest) || m.ring
	m.forget()
	m.seeding.settle(m.live)
	m.sync()
	return true
}

// done takes note of a command's end and looks for its effect.
func (m *Model) done(msg doneMsg) tea.Cmd {
	var next tea.Cmd
	if msg.after != nil {
		next = msg.after(m)
	}
	switch {
	case msg.err != nil:
		m.fail(msg.err)
	case msg.text != "":
		m.say(msg.text)
	}
	m.look()
	return tea.Batch(next, tea.Tick(effect, func(time.Time) tea.Msg { return pullMsg{} }))
}

// snapshot is what is shown.
func (m *Model) snapshot() *swarm.Snapshot {
	if m.pinned != nil {
		return m.pinned
	}
	return m.live
}

// sync keeps the selection on a row that exists and tells Commands of it. It is
// called whenever the snapshot or what the user chose in the Swarms pane changes.
func (m *Model) sync() {
	v := m.view(swarmsPane, m.room(swarmsPane))
	m.swarms.Sync(v)
	hash, widget, _ := m.swarms.Selected()
	m.selected, m.widget, m.kin = m.swarms.SelectedSwarm(), widget, nil
	if widget != "" {
		m.kin = panes.Kin(v.Snapshot, widget)
		hash = m.kin[0].InfoHash
	}
	if hash != m.focused && hash != (swarm.InfoHash{}) {
		m.focused = hash
		m.commands.Focus(hash)
	}
}
