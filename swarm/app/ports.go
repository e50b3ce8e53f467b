package app

import (
	"encoding/json"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"github.com/google/renameio/v2"
)

// ports remembers, in the state folder, on which ports the services listened
// last, so that addresses which others have noted stay good.
type ports struct {
	path string
	last map[string]int
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
// What bind returns is remembered.
func (p *ports) listen(service, asked, host string, first int, bind func(addr string) (port int, err error)) error {
	if asked != "" {
		_, err := bind(asked)
		return err
	}
	port, known := p.last[service]
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
	if p.last[service] == got {
		return nil
	}
	p.last[service] = got
	b, err := json.Marshal(p.last)
	if err != nil {
		return err
	}
	return renameio.WriteFile(p.path, b, 0o600)
}
