package offer

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"

	"aloi.dev/refcloud/service"
)

// Order is what the supervisor writes, as one JSON value, on the standard input
// of an offer's process. The input then stays open: its end is the order to
// stop, whether the supervisor closed it or died.
type Order struct {
	Offer    string      `json:"offer"`
	Services []string    `json:"services"` // none means all
	Dir      string      `json:"dir"`
	CertPEM  []byte      `json:"cert"`
	KeyPEM   []byte      `json:"key"`
	RootPEM  []byte      `json:"root"`
	Set      service.Set `json:"set"`
}

// Report is the process's one answer, written when every service answers or
// when one could not start.
type Report struct {
	Error    string                         `json:"error,omitempty"`
	Services map[string]service.Description `json:"services"`
}

// Serve runs an offer until in ends. It writes its Report to out and closes
// out. The caller has pointed the standard output and the standard error to the
// offer's log.
func Serve(in io.Reader, out io.WriteCloser) error {
	dec := json.NewDecoder(in)
	var order Order
	if err := dec.Decode(&order); err != nil {
		return fmt.Errorf("read order: %w", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		io.Copy(io.Discard, in)
		cancel()
	}()

	p, err := start(ctx, order)
	report := Report{}
	if err != nil {
		report.Error = err.Error()
	} else {
		report.Services = p.describe()
	}
	if err := errors.Join(json.NewEncoder(out).Encode(report), out.Close()); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	if err != nil {
		return err
	}
	defer p.close()
	return p.wait(ctx)
}

// process is an offer that runs: its services by name and its control socket.
type process struct {
	kinds    Services
	services map[string]service.Running
	control  *control
	socket   net.Listener
	log      *slog.Logger
}

func start(ctx context.Context, order Order) (*process, error) {
	o, err := ByID(order.Offer)
	if err != nil {
		return nil, err
	}
	kinds, err := Kinds.Only(order.Services)
	if err != nil {
		return nil, err
	}
	if err := kinds.Check(order.Set); err != nil {
		return nil, err
	}
	leaf, err := readLeaf(order)
	if err != nil {
		return nil, err
	}
	p := &process{
		kinds:    kinds,
		services: map[string]service.Running{},
		log:      slog.New(slog.NewTextHandler(os.Stderr, nil)),
	}
	for _, kind := range kinds {
		dir := filepath.Join(order.Dir, kind.Name)
		if err := os.Mkdir(dir, 0o700); err != nil {
			return nil, fmt.Errorf("make folder of %s: %w", kind.Name, err)
		}
		env := service.Env{Offer: o.ID, Region: o.Region, Dir: dir, Leaf: leaf, Log: p.log.With("service", kind.Name)}
		running, err := kind.Start(ctx, env)
		if err != nil {
			return nil, fmt.Errorf("start %s: %w", kind.Name, err)
		}
		p.services[kind.Name] = running
	}
	p.control = newControl(p)
	p.control.replace(order.Set)
	p.socket, err = net.Listen("unix", filepath.Join(order.Dir, ControlSocket))
	if err != nil {
		return nil, fmt.Errorf("open control socket: %w", err)
	}
	go http.Serve(p.socket, p.control.handler())
	return p, nil
}

func readLeaf(order Order) (service.Leaf, error) {
	pair, err := tls.X509KeyPair(order.CertPEM, order.KeyPEM)
	if err != nil {
		return service.Leaf{}, fmt.Errorf("read certificate: %w", err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(order.RootPEM) {
		return service.Leaf{}, errors.New("read root certificate: none found")
	}
	return service.Leaf{CertPEM: order.CertPEM, KeyPEM: order.KeyPEM, Pair: pair, Roots: roots}, nil
}

func (p *process) describe() map[string]service.Description {
	out := map[string]service.Description{}
	for name, s := range p.services {
		out[name] = s.Describe()
	}
	return out
}

// wait returns nil when ctx ends, an error when a service stopped by itself.
func (p *process) wait(ctx context.Context) error {
	failed := make(chan string, len(p.services))
	for name, s := range p.services {
		go func() {
			<-s.Failed()
			failed <- name
		}()
	}
	select {
	case <-ctx.Done():
		return nil
	case name := <-failed:
		if ctx.Err() != nil {
			return nil
		}
		return fmt.Errorf("service %s stopped by itself", name)
	}
}

func (p *process) close() {
	p.socket.Close()
	for _, s := range p.services {
		s.Close()
	}
}
