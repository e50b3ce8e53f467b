package app_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"swarmtop/swarm"
	"swarmtop/swarm/app"
)

func TestJoinedErrorsAreLinesWithoutTheEscapesOfStrangers(t *testing.T) {
	err := errors.Join(errors.New("a: answered \x1b]0;owned\a"), errors.Join(errors.New("b"), errors.New("c")))
	if got, want := app.Lines(err), []string{"a: answered ]0;owned", "b", "c"}; !slices.Equal(got, want) {
		t.Errorf("lines %q, want %q", got, want)
	}
	if got := app.Lines(nil); len(got) != 0 {
		t.Errorf("of no error: %q", got)
	}
}

type still struct{ snapshot swarm.Snapshot }

func (s *still) Latest() *swarm.Snapshot { return &s.snapshot }

func TestEventsOfOneMomentAreAllReported(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s := &still{swarm.Snapshot{Events: []swarm.Event{{At: time.Unix(1, 0), Text: "first"}, {At: time.Unix(1, 0), Text: "second"}}}}
	var out strings.Builder
	if err := app.ReportLines(ctx, s, &out); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); !strings.Contains(got, "first") || !strings.Contains(got, "second") {
		t.Errorf("reported:\n%s", got)
	}
}
