package command

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"swarmtop/swarm/app"
	"swarmtop/swarm/config"
)

func demo(cfg *config.Config, t Terminal) *cobra.Command {
	return &cobra.Command{
		Use:   "demo",
		Short: "Run the demo: sample assets, a tracker and a crowd of peers, all on this machine",
		Args:  none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return t.Monitor(cmd.Context(), *cfg, nil, true)
		},
	}
}

func inspect(cfg *config.Config) *cobra.Command {
	return &cobra.Command{
		Use:     "inspect SOURCE ...",
		Short:   "Tell what a torrent, magnet or URL is, joining nothing",
		Example: "  swarmtop inspect ubuntu.torrent",
		Args:    atLeastOne("SOURCE"),
		RunE: func(cmd *cobra.Command, sources []string) error {
			ctx, stop := untilHangup(cmd.Context())
			defer stop()
			return app.Inspect(ctx, *cfg, sources, os.Stdout)
		},
	}
}

func probe(cfg *config.Config) *cobra.Command {
	var torrent, contentType string
	c := &cobra.Command{
		Use:   "probe URL ...",
		Short: "Ask URLs whether they answer with the right type and bytes, a verdict a line",
		Long: `Probe asks each URL four times at every address of its host: by GET, by HEAD, for
a few bytes, and with a query that nobody has used before. It ends with 0 when all
is fine, 3 when a type or bytes are wrong, 1 when an address could not be asked.
What a URL ought to answer is told by a torrent, or a type, or the URL's own ending.`,
		Example: `  swarmtop probe https://cdn.example/widgets/button.html --torrent button.html.torrent
  swarmtop probe https://cdn.example/widgets/button --type text/html --resolve cdn.example:443:192.0.2.7`,
		Args: atLeastOne("URL"),
		RunE: func(cmd *cobra.Command, urls []string) error {
			ctx, stop := untilHangup(cmd.Context())
			defer stop()
			return app.ProbeOnce(ctx, *cfg, urls, torrent, contentType, os.Stdout)
		},
	}
	c.Flags().StringVar(&torrent, "torrent", "", "`file` with the metainfo of what the URLs ought to answer")
	c.Flags().StringVar(&contentType, "type", "", "content `type` that the URLs ought to answer")
	c.MarkFlagsMutuallyExclusive("torrent", "type")
	return c
}

func drill(cfg *config.Config) *cobra.Command {
	return &cobra.Command{
		Use:   "drill",
		Short: "Replay an incident like 2013's on this machine and show that it is caught",
		Args:  none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, stop := untilHangup(cmd.Context())
			defer stop()
			if cfg.Record != "" {
				return usageError{errors.New("drill: it makes no snapshots that --record could keep")}
			}
			return app.Drill(ctx, *cfg, os.Stdout)
		},
	}
}

func replay(cfg *config.Config, t Terminal) *cobra.Command {
	return &cobra.Command{
		Use:   "replay FILE",
		Short: "Open the screen on what --record wrote, with rewind",
		Long: `Replay plays a recording on the screen, in the time in which it was made: f pauses,
[ and ] step, { and } go a minute back and forth, - and + change the speed. Without
a terminal, with --no-screen or with --json it writes the recording out at once.`,
		Example: `  swarmtop --record incident.swarmtop assets.toml
  swarmtop replay incident.swarmtop
  swarmtop replay --json incident.swarmtop | jq -c '[.at, .totals.types]'`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return missing(cmd, "FILE")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, stop := untilHangup(cmd.Context())
			defer stop()
			return t.Replay(ctx, *cfg, args[0])
		},
	}
}

func crowd(cfg *config.Config, t Terminal) *cobra.Command {
	var o app.CrowdOptions
	c := &cobra.Command{
		Use:   "crowd [FILE]",
		Short: "Have many peers fetch one asset at once, and measure what that takes",
		Long: `Crowd lets real peers come for one asset all at once, on this machine: each on a
loopback address of its own, with an uplink that is limited, through a tracker and
from one seeder. Then as many HTTP clients come to one server with the same uplink.
It tells when the last byte came, what the origin sent, and how far both are from the
best that is possible. A simulation goes on to as many peers as you like.`,
		Example: `  swarmtop crowd
  swarmtop crowd button.html --peers 200 --uplink 64KiB
  swarmtop crowd --size 1MiB --piece-length 65536
  swarmtop crowd --simulate 100000
  swarmtop crowd --json | jq '{last: .crowd.last_s, offload: .crowd.offload}'`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usageError{fmt.Errorf("crowd: one FILE at most, got %q", args)}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, stop := untilHangup(cmd.Context())
			defer stop()
			if len(args) > 0 {
				o.File = args[0]
			}
			if err := o.Check(); err != nil {
				return usageError{fmt.Errorf("crowd: %w", err)}
			}
			return app.Crowd(ctx, o, cfg.JSON, os.Stdout, t.Progress())
		},
	}
	c.Flags().IntVar(&o.Peers, "peers", 50, "`number` of peers, beside the seeder")
	c.Flags().StringVar(&o.Uplink, "uplink", "128KiB", "`bytes` a second that each peer and the origin can send")
	c.Flags().StringVar(&o.Size, "size", "", "`bytes` of the asset, without a FILE (default 64KiB)")
	c.Flags().Int64Var(&o.PieceLength, "piece-length", 0, "`bytes` of a piece (default what is published)")
	c.Flags().Uint64Var(&o.Seed, "seed", 1, "`number` that the sample asset and the simulation follow from")
	c.Flags().IntVar(&o.Simulate, "simulate", 0, "simulate crowds of up to that `number` of peers too")
	return c
}
