package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"swarmtop/swarm"
	"swarmtop/swarm/catalog"
	"swarmtop/swarm/config"
	"swarmtop/swarm/gateway"
)

// textCells bounds foreign text in plain reports.
const textCells = 200

// Inspect writes what is known of sources without joining anything. It returns
// the joined errors of those that are no good.
func Inspect(ctx context.Context, cfg config.Config, sources []string, w io.Writer) error {
	policy, err := policyOf(cfg)
	if err != nil {
		return err
	}
	c := catalog.New(catalog.Config{Policy: policy, UserAgent: userAgent})
	var errs []error
	first := true
	for _, source := range sources {
		entries, err := c.Resolve(ctx, source)
		errs = append(errs, err)
		for i := range entries {
			if !first {
				fmt.Fprintln(w)
			}
			first = false
			inspect(w, &entries[i])
		}
	}
	return errors.Join(errs...)
}

func inspect(w io.Writer, e *catalog.Entry) {
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	defer out.Flush()
	row := func(name string, values ...string) {
		for i, v := range values {
			if i > 0 {
				name = ""
			}
			if v != "" {
				fmt.Fprintf(out, "%s\t%s\n", name, swarm.Clean(v, textCells))
			}
		}
	}
	name := e.Name
	if name == "" && e.Torrent != nil {
		name = e.Torrent.Name
	}
	row("name", name)
	row("info hash", e.InfoHash.String())
	row("widget", e.Widget)
	row("path", e.Alias)
	if e.Torrent != nil {
		inspectTorrent(row, e)
	} else {
		row("size", "– (the metadata comes from peers)")
	}
	for i, tier := range e.Trackers {
		row(fmt.Sprintf("tracker, tier %d", i+1), tier...)
	}
	if len(e.Trackers) == 0 {
		row("trackers", "none")
	}
	row("web seed", e.WebSeeds...)
	row("url", e.URLs...)
	row("note", e.Notes...)
}

func inspectTorrent(row func(string, ...string), e *catalog.Entry) {
	t := e.Torrent
	row("size", fmt.Sprintf("%s (%d bytes)", bytesText(t.Length), t.Length))
	row("pieces", fmt.Sprintf("%d of %s", t.Pieces, bytesText(t.PieceLength)))
	if t.Private {
		row("private", "yes: no DHT, no peer exchange")
	}
	if t.Hybrid {
		row("version", "hybrid of v1 and v2, used as v1")
	}
	if at, ok := t.Created.Get(); ok {
		row("created", at.UTC().Format("2006-01-02 15:04:05 UTC"))
	}
	row("created by", t.CreatedBy)
	row("comment", t.Comment)
	if t.S3Bucket != "" || t.S3Key != "" {
		row("S3 key", t.S3Bucket+"/"+t.S3Key)
	}
	for i, f := range t.Files {
		if f.Pad {
			continue
		}
		a := swarm.Asset{InfoHash: t.InfoHash, Index: i, Path: f.Path, Size: f.Length, ContentType: e.ContentType, Alias: e.Alias}
		contentType := gateway.ContentType(a, e.ContentType != "")
		row("file", strings.Join([]string{f.Path, bytesText(f.Length), contentType}, ", "))
	}
}
