package main

import (
	"context"
	"os"
	"path/filepath"
)

// viewRows: the screen.
func (b *bench) viewRows() []row {
	var f *field
	shows := func(text, name string, args ...string) func(ctx context.Context, dir string) ([]float64, error) {
		return func(ctx context.Context, dir string) ([]float64, error) {
			s, err := onScreen(ctx, dir, name, args...)
			if err != nil {
				return nil, err
			}
			defer s.quit()
			ms, err := s.shows(ctx, text)
			return []float64{ms}, err
		}
	}
	join := func(screen bool) func(ctx context.Context, dir string) ([]float64, error) {
		return func(ctx context.Context, dir string) ([]float64, error) {
			if !screen {
				all, err := b.joinOurs(ctx, dir, f)
				if err != nil {
					return nil, err
				}
				return all[1:2], nil
			}
			s, err := onScreen(ctx, dir, b.swarmtop, append([]string{"--until-complete", "--state", dir, "--listen", "127.0.0.1:0",
				"--peer-listen", "127.0.0.1:0"}, f.paths...)...)
			if err != nil {
				return nil, err
			}
			defer s.terminal.Close()
			all, err := ended(s.process, nil)
			if err != nil {
				return nil, err
			}
			return all[1:2], nil
		}
	}
	return []row{
		{name: "first picture", rounds: 9, measure: []string{"ms"}, players: []player{
			{ours, func(ctx context.Context, dir string) ([]float64, error) {
				return shows("Swarms", b.swarmtop, "demo")(ctx, dir)
			}},
			{"btop", shows("cpu", "btop", "--utf-force")},
			{"htop", shows("PID", "htop")},
			{"rtorrent", func(ctx context.Context, dir string) ([]float64, error) {
				if err := os.Mkdir(filepath.Join(dir, "session"), 0o755); err != nil {
					return nil, err
				}
				return shows("rTorrent", "rtorrent", "-n", "-s", filepath.Join(dir, "session"))(ctx, dir)
			}},
		}},
		{name: b.many("screen while %d download", 1000), measure: []string{"CPU-s"},
			begin: func(ctx context.Context) (func(), error) {
				var err error
				if f, err = b.newField(ctx, b.scaled(1000), 64<<10, 16<<10); err != nil {
					return nil, err
				}
				return f.stop, nil
			},
			players: []player{{ours, join(true)}, {"the same without its screen", join(false)}}},
	}
}
