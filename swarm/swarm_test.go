package swarm_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"swarmtop/swarm"
)

func TestUnknownIsNullInJSONAndNeverZero(t *testing.T) {
	b, err := json.Marshal(struct {
		A swarm.Opt[int]           `json:"a"`
		B swarm.Opt[int]           `json:"b"`
		C swarm.Opt[time.Duration] `json:"c"`
		D swarm.Tristate           `json:"d"`
		E swarm.Tristate           `json:"e"`
	}{B: swarm.Known(0), C: swarm.Known(1500 * time.Microsecond), E: swarm.No})
	if want := `{"a":null,"b":0,"c":1.5,"d":null,"e":false}`; err != nil || string(b) != want {
		t.Fatalf("%s, %v; want %s", b, err, want)
	}
	var back struct {
		A, B swarm.Opt[int]
		C    swarm.Opt[time.Duration]
		D, E swarm.Tristate
	}
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	if back.A.IsKnown() || back.B.Or(7) != 0 || !back.B.IsKnown() || back.C.Or(0) != 1500*time.Microsecond ||
		back.D != swarm.Unknown || back.E != swarm.No {
		t.Errorf("read back as %+v", back)
	}
}

func TestWordsReadBackAsWhatWroteThem(t *testing.T) {
	for v := swarm.VerdictUnknown; v <= swarm.Bad; v++ {
		b, _ := v.MarshalText()
		var back swarm.Verdict
		if err := back.UnmarshalText(b); err != nil || back != v {
			t.Errorf("%s reads back as %v (%v)", b, back, err)
		}
	}
	for o := swarm.AnswerOK; o <= swarm.FailedOther; o++ {
		var back swarm.Outcome
		if err := back.UnmarshalText([]byte(o.String())); err != nil || back != o {
			t.Errorf("%s reads back as %v (%v)", o, back, err)
		}
	}
	var s swarm.State
	if err := s.UnmarshalText([]byte("dancing")); err == nil {
		t.Error("an unknown word was taken")
	}
}

func TestInfoHashRefusesWhatIsNone(t *testing.T) {
	const good = "0123456789abcdef0123456789abcdef01234567"
	h, err := swarm.ParseInfoHash(strings.ToUpper(good))
	if err != nil || h.String() != good {
		t.Fatalf("%v, %v", h, err)
	}
	for _, bad := range []string{"", good[1:], good + "0", "g" + good[1:], strings.Repeat("0", 40)} {
		if _, err := swarm.ParseInfoHash(bad); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

func tracker(s swarm.TrackerState) swarm.Tracker {
	t := swarm.Tracker{URL: "http://t/announce", State: s, LastError: "refused"}
	if s == swarm.Failing {
		t.FailingSince = swarm.Known(time.Unix(1, 0))
	}
	return t
}

func TestOneDeadTrackerBesideAWorkingOneIsFine(t *testing.T) {
	for _, c := range []struct {
		states []swarm.TrackerState
		want   swarm.Verdict
	}{
		{nil, swarm.VerdictUnknown},
		{[]swarm.TrackerState{swarm.NeverTried}, swarm.VerdictUnknown},
		{[]swarm.TrackerState{swarm.Failing, swarm.Working}, swarm.Fine},
		{[]swarm.TrackerState{swarm.Failing, swarm.TrackerWarns}, swarm.Warning},
		{[]swarm.TrackerState{swarm.Failing, swarm.Failing}, swarm.Bad},
		{[]swarm.TrackerState{swarm.Failing, swarm.NeverTried}, swarm.Bad},
	} {
		var all []swarm.Tracker
		for _, s := range c.states {
			all = append(all, tracker(s))
		}
		if got := swarm.TrackersVerdict(all); got != c.want {
			t.Errorf("%v: %v, want %v", c.states, got, c.want)
		}
	}
}

func TestSwarmThatDoesNotMoveSaysWhy(t *testing.T) {
	pieces := func(have, others int) swarm.Pieces {
		p := swarm.Pieces{Count: 2, Ours: swarm.NewBitfield(2), Availability: make([]uint16, 2)}
		for i := range have {
			p.Ours.Set(i)
		}
		for i := range others {
			p.Availability[i] = 1
		}
		return p
	}
	peer := func(theyChoke swarm.Tristate) []swarm.Peer {
		return []swarm.Peer{{WeWant: swarm.Yes, TheyChoke: theyChoke}}
	}
	for name, c := range map[string]struct {
		swarm  swarm.Swarm
		dht    bool
		state  swarm.State
		reason string
	}{
		"no way to find anyone": {swarm.Swarm{State: swarm.Metadata}, false, swarm.Stalled, "no trackers, DHT is off"},
		"looking in the DHT":    {swarm.Swarm{State: swarm.Metadata}, true, swarm.Stalled, "no peers, looking in the DHT"},
		"private has no DHT": {swarm.Swarm{State: swarm.Downloading, Private: true}, true,
			swarm.Stalled, "no trackers, and a private torrent has no DHT"},
		"tracker not answered yet": {swarm.Swarm{State: swarm.Downloading, Trackers: []swarm.Tracker{tracker(swarm.NeverTried)}},
			false, swarm.Downloading, "asking the tracker"},
		"tracker broken": {swarm.Swarm{State: swarm.Downloading, Trackers: []swarm.Tracker{tracker(swarm.Failing)}},
			false, swarm.Stalled, "tracker failing: refused"},
		"tracker fine, nobody there": {swarm.Swarm{State: swarm.Downloading, Trackers: []swarm.Tracker{tracker(swarm.Working)}},
			false, swarm.Stalled, "no peers, tracker fine"},
		"a piece that nobody has": {swarm.Swarm{State: swarm.Downloading, Connected: 1, Pieces: pieces(0, 1), Peers: peer(swarm.No)},
			false, swarm.Stalled, "piece 1 missing: nobody connected has it"},
		"all choke us": {swarm.Swarm{State: swarm.Downloading, Connected: 1, Pieces: pieces(0, 2), Peers: peer(swarm.Yes)},
			false, swarm.Stalled, "peers choke us"},
		"it moves":        {swarm.Swarm{State: swarm.Downloading, Transfer: swarm.Transfer{DownRate: 1}}, false, swarm.Downloading, ""},
		"it is complete":  {swarm.Swarm{State: swarm.Complete}, false, swarm.Complete, ""},
		"it failed":       {swarm.Swarm{State: swarm.Failed, Reason: "disk"}, false, swarm.Failed, "disk"},
		"it is checking":  {swarm.Swarm{State: swarm.Downloading, Reason: "checking"}, false, swarm.Downloading, "checking"},
		"bytes are asked": {swarm.Swarm{State: swarm.Downloading, Connected: 1, Pieces: pieces(0, 2), Peers: peer(swarm.No)}, false, swarm.Downloading, "asked, waiting for bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			state, reason := swarm.Diagnose(&c.swarm, c.dht)
			if state != c.state || reason != c.reason {
				t.Errorf("%v, %q; want %v, %q", state, reason, c.state, c.reason)
			}
		})
	}
}

func TestOffloadIsWhatTheOriginWasSpared(t *testing.T) {
	if swarm.Offload(nil).IsKnown() {
		t.Error("offload of nothing is known")
	}
	s := []swarm.Swarm{
		{Transfer: swarm.Transfer{Downloaded: 300}, WebSeeds: []swarm.WebSeed{{Downloaded: 100}}},
		{Transfer: swarm.Transfer{Downloaded: 100}},
	}
	if got := swarm.Offload(s).Or(-1); got != 0.75 {
		t.Errorf("offload %v, want 0.75", got)
	}
}
