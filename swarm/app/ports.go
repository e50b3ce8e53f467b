package app

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"

	"github.com/google/renameio/v2"
)

// ports remembers, in the state folder, on which ports the services listened
// last, so that addresses which others have noted stay good.
type ports struct {
	path string

	mu    sync.Mutex
	last  map[string]int
	fresh bool // last differs from the file
}

func loadPorts(state string) *ports {
	p := &ports{path: filepath.Join(state, "ports.json"), last: map[string]int{}}
	if b, err := os.ReadFile(p.path); err == nil {
		// A file that cannot be read only costs the old port numbers.
		_ = json.Unmarshal(b, &p.last)
	}
	return p
}

// listen calls bind with the address that was asked for. With none asked for it
// tries the service's last port, or its first one, and if that is busy any free one.
// What bind returns is remembered, and kept by save.
func (p *ports) listen(service, asked, host string, first int, bind func(addr string) (port int, err error)) error {
	if asked != "" {
		_, err := bind(asked)
		return err
	}
	p.mu.Lock()
	port, known := p.last[service]
	p.mu.Unlock()
	if !known {
		port = first
	}
	got, err := bind(net.JoinHostPort(host, strconv.Itoa(port)))
	if errors.Is(err, syscall.EADDRINUSE) || errors.Is(err, syscall.EACCES) {
		got, err = bind(net.JoinHostPort(host, "0"))
	}
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fresh = p.fresh || p.last[service] != got
	p.last[service] = got
	return nil
}

// save writes down what was remembered since it was loaded or saved. It takes the
// time of a disk, for which nobody needs to wait before the first picture.
func (p *ports) save() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.fresh {
		return nil
	}
	b, err := json.Marshal(p.last)
	if err != nil {
		return err
	}
	if err := renameio.WriteFile(p.path, b, 0o600, renameio.WithTempDir(filepath.Dir(p.path))); err != nil {
		return fmt.Errorf("write down the ports: %w", err)
	}
	p.fresh = false
	return nil
}
