// Package ui is the screen: the one Bubble Tea model, its layout, its keys and
// its dialogs. It draws nothing but snapshots, pulled four times a second, and
// it changes nothing but through [Commands]. It looks at no clock: every age is
// taken from the snapshot's own time.
package ui

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"swarmtop/swarm"
	"swarmtop/theme"
	"swarmtop/ui/panes"
)

// Snapshots is where the screen pulls from. Latest never returns nil and never blocks.
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
	Theme string // a built-in theme by name, or a TOML file with one; empty takes our own, dark or light as the terminal is
	Demo  bool   // say that it is the demo, and how to watch one's own swarms
}

// pull is how often the screen looks for a new snapshot.
const pull = time.Second / 4

// fps is how often a changed screen is written at most: often enough for a key to
// show within 50 ms, and no more, since looking for a change costs even at rest.
const fps = 20

// effect is how long after a command the screen looks for its effect.
const effect = 40 * time.Millisecond

// Model is the screen. Its zero value is not usable: see [New].
type Model struct {
	ctx       context.Context // of the commands; ends when the screen does
	snapshots Snapshots
	commands  Commands
	options   Options
	working   jobs // commands that have not returned

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

	theme     *theme.Theme
	profile   colorprofile.Profile
	dark      bool
	themeName string     // chosen by the user; empty follows the terminal
	ownTheme  *theme.Own // nil for none

	keys    keymap
	dialog  dialog
	filter  *filterInput
	message message
	draft   string // what was typed into the add dialog and not yet added

	selected *swarm.Swarm   // in the snapshot that is shown; nil when none or a widget is
	widget   string         // the selected one; empty when a swarm is selected
	focused  swarm.InfoHash // the swarm that Commands knows of
	seeding  seedingQueue
	alarms   alarms
	ring     bool              // the bell is to ring
	removed  []swarm.InfoHash  // the last removal, if nothing came after it
	limit    *swarm.Opt[int64] // of uploads, asked for and not seen in a snapshot yet
}

// New returns the screen. It fails when the theme is unknown or its file is wrong.
func New(s Snapshots, c Commands, o Options) (*Model, error) {
	m := &Model{
		ctx:       context.Background(),
		snapshots: s,
		commands:  c,
		options:   o,
		swarms:    new(panes.Swarms),
		peers:     new(panes.Peers),
		trackers:  new(panes.Trackers),
		dark:      true,
		themeName: o.Theme,
		keys:      screenKeys(),
	}
	m.panes = [paneCount]panes.Pane{m.swarms, m.peers, new(panes.Pieces), m.trackers, new(panes.Responses)}
	if strings.HasSuffix(o.Theme, ".toml") {
		own, err := theme.Load(o.Theme)
		if err != nil {
			return nil, err
		}
		m.ownTheme, m.themeName = own, own.Name()
	}
	if err := m.compileTheme(); err != nil {
		return nil, err
	}
	m.look()
	return m, nil
}

// Run shows the screen on the terminal until the user quits or ctx ends, and
// returns when the commands that were under way have ended too.
func Run(ctx context.Context, s Snapshots, c Commands, o Options) error {
	return run(ctx, s, c, o)
}

func run(ctx context.Context, s Snapshots, c Commands, o Options, more ...tea.ProgramOption) error {
	m, err := New(s, c, o)
	if err != nil {
		return err
	}
	defer m.working.wait()
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	m.ctx = inner
	// Signals are the caller's, who ends ctx: two owners of one signal can wait
	// for each other.
	options := append([]tea.ProgramOption{tea.WithContext(ctx), tea.WithFPS(fps), tea.WithoutSignalHandler()}, more...)
	_, err = tea.NewProgram(m, options...).Run()
	switch {
	case err == nil, ctx.Err() != nil && !errors.Is(err, tea.ErrProgramPanic):
		return nil
	}
	return fmt.Errorf("screen: %w", err)
}

// Init implements [tea.Model].
func (m *Model) Init() tea.Cmd {
	return tea.Batch(tick(), tea.RequestBackgroundColor)
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
	switch msg := msg.(type) {
	case tickMsg:
		m.look()
		cmd = tick()
	case pullMsg:
		m.look()
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
	if b := m.keys.find(key); b != nil {
		return b.run(m, key)
	}
	return nil
}

// look pulls the latest snapshot.
func (m *Model) look() {
	latest := m.snapshots.Latest()
	if latest == m.live {
		return
	}
	m.live = latest
	m.past.keep(latest)
	m.ring = m.alarms.follow(latest) || m.ring
	m.forget()
	m.seeding.settle(m.live)
	m.sync()
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
	m.selected, m.widget = nil, widget
	if widget == "" {
		m.selected = v.Snapshot.Swarm(hash)
	} else if hashes := m.swarms.SelectedHashes(v); len(hashes) > 0 {
		hash = hashes[0]
	}
	if hash != m.focused && hash != (swarm.InfoHash{}) {
		m.focused = hash
		m.commands.Focus(hash)
	}
}
