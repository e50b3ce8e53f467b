package ui

import tea "charm.land/bubbletea/v2"

// Pull is a message on which the screen looks for a new snapshot at once.
func Pull() tea.Msg { return pullMsg{} }
