package ui

import (
	"net/url"

	"github.com/charmbracelet/x/ansi"

	"swarmtop/theme"
)

const hidden = "•••"

// masked hides the host of a URL while addresses are masked.
func (m *Model) masked(address string) string {
	if !m.mask {
		return address
	}
	u, err := url.Parse(address)
	if err != nil {
		return hidden
	}
	return u.Scheme + "://" + hidden + u.Path
}

// maskedText hides a text that may name addresses, whole, while addresses are masked.
func (m *Model) maskedText(text string) string {
	if m.mask && text != "" {
		return hidden
	}
	return text
}

// link is a URL that the terminal follows, where it follows links (OSC 8).
func (m *Model) link(address string) string {
	if m.mask || m.theme.SGR(theme.Accent) == "" {
		return m.masked(address)
	}
	return ansi.SetHyperlink(address, "id="+address) + address + ansi.ResetHyperlink()
}
