package ui

import (
	"fmt"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"swarmtop/swarm"
	"swarmtop/theme"
	"swarmtop/ui/draw"
	"swarmtop/ui/panes"
)

// alarm is a wrong answer: of a public URL at one address, or of our own gateway.
// It stays until the answer has been fine again and the user has acknowledged it.
type alarm struct {
	probe    *swarm.Probe    // as it was wrong last; nil for the gateway's
	response *swarm.Response // of the gateway; nil for a probe's
	wrong    bool            // still, as far as is known
	seen     bool            // acknowledged
	mended   time.Time       // when it was found fine again, while wrong is not set
}

// same tells whether an alarm is about the same thing.
func (a *alarm) same(p *swarm.Probe) bool {
	if a.probe == nil || p == nil {
		return a.probe == p
	}
	return a.probe.URL == p.URL && a.probe.Address == p.Address
}

// alarms are those that the user has to know of, the oldest first.
type alarms []*alarm

// follow takes in a snapshot and tells whether an alarm is new.
func (as *alarms) follow(snap *swarm.Snapshot) (ring bool) {
	fine := map[*alarm]bool{}
	for _, a := range *as {
		fine[a] = true // unless the snapshot says otherwise
	}
	raise := func(p *swarm.Probe, r *swarm.Response) {
		i := slices.IndexFunc(*as, func(a *alarm) bool { return a.same(p) })
		if i < 0 {
			*as, i = append(*as, &alarm{}), len(*as)
			ring = true
		}
		a := (*as)[i]
		a.probe, a.response, a.wrong = p, r, true
		fine[a] = false
	}
	probed := swarm.VerdictUnknown
	for i := range snap.Probes {
		p := &snap.Probes[i]
		probed = probed.Worst(p.Verdict.Verdict())
		if p.Verdict.Wrong() {
			raise(p, nil)
		} else if p.Verdict >= swarm.ProbeUnreachable { // it cannot be known whether it is still wrong
			for _, a := range *as {
				if a.same(p) {
					fine[a] = false
				}
			}
		}
	}
	if r := wrongType(snap, probed); r != nil {
		raise(nil, r)
	}
	for _, a := range *as {
		if fine[a] && a.wrong {
			a.wrong, a.mended = false, snap.At
		}
	}
	as.settle()
	return ring
}

// settle drops what is fine again and acknowledged.
func (as *alarms) settle() {
	*as = slices.DeleteFunc(*as, func(a *alarm) bool { return !a.wrong && a.seen })
}

// top returns the alarm that is shown, or nil: what is wrong and new before what
// is fine again, and what was acknowledged last.
func (as alarms) top() *alarm {
	var top *alarm
	rank := func(a *alarm) int {
		switch {
		case a == nil:
			return 0
		case a.seen:
			return 1
		case !a.wrong:
			return 2
		}
		return 3
	}
	for _, a := range as {
		if rank(a) > rank(top) {
			top = a
		}
	}
	return top
}

// wrongType returns the latest response of a wrong type while the gateway answers
// one, else nil. It is an empty one when that has left the log. What is bad
// because of a probe is left to the probe's own alarm.
func wrongType(snap *swarm.Snapshot, probed swarm.Verdict) *swarm.Response {
	if snap.Responses.Verdict != swarm.Bad && (snap.Totals.Types != swarm.Bad || probed == swarm.Bad) {
		return nil
	}
	tail := snap.Responses.Tail
	for i := len(tail) - 1; i >= 0; i-- {
		if tail[i].Verdict == swarm.Bad {
			return &tail[i]
		}
	}
	return &swarm.Response{}
}

// acknowledge takes note that the user has seen the alarms.
func (m *Model) acknowledge() {
	n := len(m.alarms)
	for _, a := range m.alarms {
		a.seen = true
	}
	m.alarms.settle()
	switch left := len(m.alarms); {
	case n == 0:
		m.say("there is no alarm to acknowledge")
	case left == 0:
		m.say("acknowledged; all of it is fine again")
	default:
		m.say(fmt.Sprintf("acknowledged; %d %s wrong still", left, map[bool]string{true: "is", false: "are"}[left == 1]))
	}
}

// bell rings once for a new alarm.
func (m *Model) bell() tea.Cmd {
	if !m.ring {
		return nil
	}
	m.ring = false
	return tea.Raw("\a")
}

// alarm tells in three lines what answers wrongly: which URL, what came and what
// was expected; the evidence of both sides; and what to do.
func (m *Model) alarm(a *alarm, width int) []string {
	var head, next string
	var evidence []string
	if a.probe == nil {
		head, evidence = m.gatewayAlarm(a.response)
		next = m.key("A") + " acknowledges"
	} else {
		head, evidence = m.probeAlarm(a.probe)
		next = m.key("A") + " acknowledges, " + m.key("y") + " copies: " + m.maskedText(a.probe.Curl)
	}
	if a.seen {
		next = "acknowledged; it goes once it is fine again"
	}
	if more := len(m.alarms) - 1; more > 0 {
		head = fmt.Sprintf(" (1 of %d)", more+1) + head
	}
	first, rest := theme.Alarm, theme.Bad
	switch {
	case !a.wrong:
		first, rest = theme.Good, theme.Muted
		head = " ✓ FINE AGAIN for " + draw.Age(m.live.At.Sub(a.mended)) + ", it was:" + head
	case a.seen:
		first = theme.Bad
		fallthrough
	default:
		head = " ✗" + head
	}
	return []string{
		m.paint(first, fit(head, width)),
		m.paint(rest, fit("   "+strings.Join(evidence, " · "), width)),
		m.paint(theme.Muted, fit("   "+next, width)),
	}
}

func (m *Model) probeAlarm(p *swarm.Probe) (head string, evidence []string) {
	head = fmt.Sprintf(" %s  %s", strings.ToUpper(p.Verdict.String()), m.masked(p.URL))
	if p.Verdict == swarm.ProbeWrongType && p.Type != "" {
		head += fmt.Sprintf("  answered %s, expected %s", media(p.Type), orUnknown(media(p.Expected)))
	} else {
		head += "  " + m.maskedText(p.Reason)
	}
	head += fmt.Sprintf("  since %s, %d×", p.Since.Format(time.TimeOnly), p.Count)
	if p.Address != "" {
		head += "  at " + m.maskedText(p.Address)
	}
	evidence = []string{"came " + orUnknown(m.maskedText(p.Evidence)), "wanted " + orUnknown(p.Wanted)}
	if d, ok := p.Age.Get(); ok {
		evidence = append(evidence, "Age "+draw.Age(d))
	}
	for _, text := range []string{p.CacheStatus, p.Server, p.CacheControl} {
		if text != "" {
			evidence = append(evidence, text)
		}
	}
	return head, append(evidence, "by "+p.Request)
}

func (m *Model) gatewayAlarm(r *swarm.Response) (head string, evidence []string) {
	if r.Path == "" {
		return " WRONG TYPE  an asset answers a wrong type; the response has left the log", nil
	}
	head = fmt.Sprintf(" WRONG TYPE  %s  answered %s, expected %s", r.Path, orUnknown(r.Type), orUnknown(r.Expected))
	if r.Evidence != "" {
		evidence = append(evidence, "it begins "+m.maskedText(r.Evidence))
	}
	evidence = append(evidence, fmt.Sprintf("%s %d, %s ago", r.Method, r.Status, max(m.live.At.Sub(r.At), 0).Truncate(time.Second)))
	if all := m.live.Responses; all.Wrong > 1 {
		evidence = append(evidence, fmt.Sprintf("%d wrong of %d", all.Wrong, all.Count))
	}
	return head, evidence
}

// media drops the parameters of a content type.
func media(contentType string) string {
	m, _, _ := strings.Cut(contentType, ";")
	return m
}

func orUnknown(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

// selectedProbe returns the probe that is selected in the focused pane, or nil.
func (m *Model) selectedProbe() *swarm.Probe {
	if p, ok := m.panes[m.focus].(interface {
		Probe(v panes.View) *swarm.Probe
	}); ok {
		return p.Probe(m.view(m.focus, m.room(m.focus)))
	}
	return nil
}

// probeSelected asks the public URLs of the selected probe's asset, else of the
// selected swarm or widget, now.
func (m *Model) probeSelected() tea.Cmd {
	hashes, _ := m.selection()
	if p := m.selectedProbe(); p != nil {
		hashes = []swarm.InfoHash{p.InfoHash}
	}
	return m.do(func() doneMsg { return doneMsg{text: m.commands.Probe(hashes)} })
}

// breakCache breaks the demo's cache, or mends it.
func (m *Model) breakCache() tea.Cmd {
	return m.do(func() doneMsg {
		text, err := m.commands.BreakCache()
		return doneMsg{text: text, err: err}
	})
}

// stopOrigin stops the demo's origin and first seeder, or starts the origin again.
func (m *Model) stopOrigin() tea.Cmd {
	return m.do(func() doneMsg {
		text, err := m.commands.StopOrigin()
		return doneMsg{text: text, err: err}
	})
}
