package ui_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"swarmtop/swarm"
	"swarmtop/ui"
	"swarmtop/ui/internal/fixture"
)

// feed is a source of snapshots that a test moves on.
type feed struct {
	mu   sync.Mutex
	snap *swarm.Snapshot
}

func (f *feed) Latest() *swarm.Snapshot {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.snap
}

func (f *feed) show(s *swarm.Snapshot) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.snap = s
}

// recorder takes note of commands, one line each, and answers as told.
type recorder struct {
	mu       sync.Mutex
	calls    []string
	focus    swarm.InfoHash
	fail     error
	hold     chan struct{} // Add waits for it when it is not nil
	onToggle func(hashes []swarm.InfoHash, on bool)
	onAdd    func()
}

func (r *recorder) note(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls = append(r.calls, fmt.Sprintf(format, args...))
}

func (r *recorder) Focus(h swarm.InfoHash) { r.focus = h }

func (r *recorder) SetSeeding(hashes []swarm.InfoHash, on bool) error {
	r.note("seeding %v %s", on, short(hashes...))
	if r.onToggle != nil {
		r.onToggle(hashes, on)
	}
	return r.fail
}

func (r *recorder) Add(ctx context.Context, source string) (string, error) {
	r.note("add %s", source)
	if r.onAdd != nil {
		r.onAdd()
	}
	if r.hold != nil {
		select {
		case <-r.hold:
		case <-ctx.Done():
			return "", fmt.Errorf("add %s: %w", source, ctx.Err())
		}
	}
	if r.fail != nil {
		return "", r.fail
	}
	return "added " + source, nil
}

func (r *recorder) Remove(h swarm.InfoHash, bytesToo bool) error {
	r.note("remove %s bytes %v", h.Short(), bytesToo)
	return r.fail
}

func (r *recorder) Restore(h swarm.InfoHash) error {
	r.note("restore %s", h.Short())
	return r.fail
}

func (r *recorder) Disconnect(h swarm.InfoHash, _ swarm.PeerKey) error {
	r.note("disconnect a peer of %s", h.Short())
	return r.fail
}

func (r *recorder) Ban(address string) error {
	r.note("ban %s", address)
	return r.fail
}

func (r *recorder) SetUploadLimit(limit swarm.Opt[int64]) error {
	r.note("limit %d", limit.Or(-1))
	return r.fail
}

func (r *recorder) Probe(hashes []swarm.InfoHash) string {
	r.note("probe %s", short(hashes...))
	return "probing 1 URL at every address"
}

func (r *recorder) StopOrigin() (string, error) {
	r.note("stop")
	return "the origin is gone", r.fail
}

func (r *recorder) BreakCache() (string, error) {
	r.note("break")
	return "the cache forgets the query", r.fail
}

func (r *recorder) Reannounce(hashes []swarm.InfoHash) string {
	r.note("reannounce %s", short(hashes...))
	return "asked 2 trackers, 1 held back for 48s"
}

func short(hashes ...swarm.InfoHash) string {
	words := make([]string, len(hashes))
	for i, h := range hashes {
		words[i] = h.Short()
	}
	return strings.Join(words, " ")
}

// screen drives a model as a user does: by keys, and by looking.
type screen struct {
	t         *testing.T
	model     *ui.Model
	feed      *feed
	commands  *recorder
	quit      bool
	clipboard string
}

// onScreen runs a script against a screen of the given size. The script runs in
// a bubble of its own, where timers take no time.
func onScreen(t *testing.T, width, height int, snap *swarm.Snapshot, script func(t *testing.T, s *screen)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := newScreen(t, snap, ui.Options{})
		s.send(tea.WindowSizeMsg{Width: width, Height: height})
		script(t, s)
	})
}

func newScreen(t *testing.T, snap *swarm.Snapshot, o ui.Options) *screen {
	t.Helper()
	s := &screen{t: t, feed: &feed{snap: snap}, commands: &recorder{}}
	m, err := ui.New(s.feed, s.commands, o)
	if err != nil {
		t.Fatal(err)
	}
	s.model = m
	return s
}

// send gives the model a message and runs what it asks for to the end.
func (s *screen) send(msg tea.Msg) {
	_, cmd := s.model.Update(msg)
	if !ui.IsTick(msg) { // a tick asks only for the next one
		s.run(cmd)
	}
}

func (s *screen) run(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	switch msg := cmd().(type) {
	case nil:
	case tea.BatchMsg:
		for _, c := range msg {
			s.run(c)
		}
	case tea.QuitMsg:
		s.quit = true
	default:
		if v := reflect.ValueOf(msg); v.Kind() == reflect.String { // what tea.SetClipboard asks for
			s.clipboard = v.String()
			return
		}
		s.send(msg)
	}
}

// press presses keys one after another.
func (s *screen) press(keys ...string) {
	for _, k := range keys {
		s.send(keyPress(k))
	}
}

// typing presses the keys of a text.
func (s *screen) typing(text string) {
	for _, r := range text {
		s.press(string(r))
	}
}

// next shows the next snapshot.
func (s *screen) next(snap *swarm.Snapshot) {
	s.feed.show(snap)
	s.send(ui.Tick())
}

func keyPress(name string) tea.KeyPressMsg {
	k := tea.Key{}
	if rest, ok := strings.CutPrefix(name, "ctrl+"); ok {
		k.Mod, name = tea.ModCtrl, rest
	}
	if rest, ok := strings.CutPrefix(name, "shift+"); ok {
		k.Mod, name = tea.ModShift, rest
	}
	special := map[string]rune{
		"up": tea.KeyUp, "down": tea.KeyDown, "pgup": tea.KeyPgUp, "pgdown": tea.KeyPgDown,
		"home": tea.KeyHome, "end": tea.KeyEnd, "tab": tea.KeyTab, "enter": tea.KeyEnter,
		"esc": tea.KeyEscape, "backspace": tea.KeyBackspace, "space": tea.KeySpace,
	}
	if code, ok := special[name]; ok {
		k.Code = code
		if name == "space" {
			k.Text = " "
		}
		return tea.KeyPressMsg(k)
	}
	k.Code, _ = utf8.DecodeRuneInString(name)
	if k.Mod == 0 {
		k.Text = name
	}
	return tea.KeyPressMsg(k)
}

// text is what the screen shows, without colours.
func (s *screen) text() string { return ansi.Strip(s.model.View().Content) }

// line is one line of the screen; a negative number counts from the end.
func (s *screen) line(n int) string {
	lines := strings.Split(s.text(), "\n")
	if n < 0 {
		n += len(lines)
	}
	return strings.TrimRight(lines[n], " ")
}

func (s *screen) sees(words ...string) {
	s.t.Helper()
	text := s.text()
	for _, w := range words {
		if !strings.Contains(text, w) {
			s.t.Errorf("the screen does not show %q:\n%s", w, text)
		}
	}
}

func (s *screen) misses(words ...string) {
	s.t.Helper()
	text := s.text()
	for _, w := range words {
		if strings.Contains(text, w) {
			s.t.Errorf("the screen shows %q:\n%s", w, text)
		}
	}
}

// did tells which commands were called since it was asked last.
func (s *screen) did(want ...string) {
	s.t.Helper()
	s.commands.mu.Lock()
	defer s.commands.mu.Unlock()
	got := s.commands.calls
	s.commands.calls = nil
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		s.t.Errorf("commands:\n\t%s\nwant:\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

// later is a snapshot like s, seconds after it.
func later(s *swarm.Snapshot, change func(s *swarm.Snapshot)) *swarm.Snapshot {
	c := *s
	c.Version++
	c.Swarms = append([]swarm.Swarm(nil), s.Swarms...)
	if change != nil {
		change(&c)
	}
	return &c
}

var errRefused = errors.New("add nonsense: neither a file nor a link")

func healthy() *swarm.Snapshot { return fixture.Healthy() }
