package ui

import (
	"charm.land/bubbles/v2/key"
	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"
)

// fieldLimit is the longest text that a field takes, in characters: that of the
// longest magnet link.
const fieldLimit = 64 << 10

// textField is one line of text that is typed. Its cursor is a cell turned
// round, which stands right also among wide characters.
type textField struct{ model textinput.Model }

func newTextField(text string) textField {
	t := textinput.New()
	t.Prompt = ""
	t.CharLimit = fieldLimit
	t.KeyMap.Paste = key.NewBinding() // the terminal pastes; nobody runs xclip
	t.SetStyles(textinput.Styles{})   // the terminal's own colours, a cursor that stands still
	t.SetValue(text)
	t.CursorEnd()
	t.Focus()
	return textField{t}
}

func (t *textField) update(msg tea.Msg) { t.model, _ = t.model.Update(msg) }

func (t *textField) value() string { return t.model.Value() }

// view draws the field and its cursor in at most width cells.
func (t *textField) view(width int) string {
	t.model.SetWidth(max(width-1, 1))
	t.model.SetCursor(t.model.Position()) // brings it into view at this width
	return t.model.View()
}
