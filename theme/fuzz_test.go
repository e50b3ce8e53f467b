package theme

import (
	"strings"
	"testing"
	"unicode"

	"github.com/charmbracelet/colorprofile"
)

// FuzzTheme holds that whatever a file says, it is a theme that can be drawn with or
// an error of one clean line.
func FuzzTheme(f *testing.F) {
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := parse(b)
		if err != nil {
			if strings.ContainsFunc(err.Error(), unicode.IsControl) || err.Error() == "" {
				t.Errorf("error %q", err)
			}
			return
		}
		// 256 colours are searched for one by one, which is slow and the same for all.
		for _, profile := range []colorprofile.Profile{colorprofile.ASCII, colorprofile.ANSI, colorprofile.TrueColor} {
			th := compile(p, profile).Over(!p.dark)
			for tok := range Token(tokens) {
				sgr := strings.ReplaceAll(th.SGR(tok)+th.Selected(tok)+th.Block(tok), "\x1b[", "")
				if strings.Trim(sgr, "0123456789;m") != "" {
					t.Errorf("token %d: %q", tok, sgr)
				}
			}
		}
	})
}
