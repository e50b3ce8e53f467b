package ui

import (
	"errors"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"swarmtop/swarm"
	"swarmtop/theme"
)

// ownTheme reads the theme of a file, and returns nil for one that is named. An
// unknown name is an error.
func ownTheme(name string) (*theme.Own, error) {
	if strings.HasSuffix(name, ".toml") {
		return theme.Load(name)
	}
	if name != "" {
		if _, err := theme.Named(name, colorprofile.NoTTY); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// begin takes over the settings that are there when the screen opens.
func (m *Model) begin() error {
	m.themeName = m.options.Theme
	if m.options.Settings != nil {
		m.settings = m.options.Settings()
	}
	if m.settings != nil {
		m.useKeys(m.settings)
		if m.themeName == "" {
			m.themeName = m.settings.Theme
		}
	}
	own, err := ownTheme(m.themeName)
	if err != nil {
		return err
	}
	return m.useTheme(m.themeName, own)
}

// follow takes over settings that have changed, and tells what came of that.
func (m *Model) follow() tea.Cmd {
	if m.options.Settings == nil {
		return nil
	}
	before, now := m.settings, m.options.Settings()
	if now == before || now == nil {
		return nil
	}
	if before == nil {
		before = &swarm.Settings{}
	}
	m.settings = now
	m.useKeys(now)
	switch {
	case now.Failed:
		m.fail(errors.New(now.Notice))
	case now.Notice != "":
		m.say(now.Notice)
	}
	if now.Theme == before.Theme && now.Saved.Equal(before.Saved) {
		return nil
	}
	return m.do(func() doneMsg {
		own, err := ownTheme(now.Theme)
		return doneMsg{err: err, after: func(m *Model) tea.Cmd {
			if err == nil {
				m.failOn(m.useTheme(now.Theme, own))
			}
			return nil
		}}
	})
}

// useKeys gives actions the keys that manifests want. They have been judged before;
// those that are wrong leave the keys as they are.
func (m *Model) useKeys(s *swarm.Settings) {
	keys, err := screenKeys().with(s.Keys)
	if err != nil {
		m.fail(err)
		return
	}
	m.keys = keys
	for i := range m.revisions {
		m.revisions[i]++ // what panes say names keys
	}
}

// useTheme chooses a theme; own is that of a file, nil for one that is named.
func (m *Model) useTheme(name string, own *theme.Own) error {
	if own != nil {
		m.ownTheme, name = own, own.Name()
	}
	m.themeName = name
	return m.compileTheme()
}

func (m *Model) failOn(err error) {
	if err != nil {
		m.fail(err)
	}
}

// key is how the usual key of an action is called now.
func (m *Model) key(usual string) string { return m.keys.instead(usual) }

// opening returns the keys of an action, which close again what it opened.
func (m *Model) opening(name string) []string {
	i := slices.IndexFunc(m.keys, func(b binding) bool { return b.name == name })
	if i < 0 {
		return nil
	}
	return m.keys[i].keys
}
