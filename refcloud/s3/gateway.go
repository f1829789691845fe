package s3

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"aloi.dev/refcloud/service"

	"github.com/gofiber/fiber/v3"
	"github.com/versity/versitygw/auth"
	"github.com/versity/versitygw/backend"
	"github.com/versity/versitygw/backend/meta"
	"github.com/versity/versitygw/backend/posix"
	"github.com/versity/versitygw/embedgw"
	"github.com/versity/versitygw/s3api"
)

// The folders of the service. The files' backend makes data the working
// directory of the process, hence the short relative path of the socket, which
// stays within the length of a socket's address however deep the state is.
const (
	dataDir       = "data"
	versionsDir   = "versions"
	sidecarDir    = "sidecar"
	iamDir        = "iam"
	gatewaySocket = "../gateway.sock"
)

// maxLoad bounds connections and requests under way: more than any probe may
// open, so that the gateway never refuses for lack of room.
const maxLoad = 1024

// maxCopy is the largest object that one request copies: S3's own limit.
const maxCopy = 5 << 30

// peerHeader tells the gateway the address of the client, which a Unix socket
// hides and which policies may name. The front sets it on every request.
const peerHeader = "Refcloud-Peer"

// openFiles opens the backend that keeps buckets as folders.
func openFiles(dir string) (backend.Backend, error) {
	for _, name := range []string{dataDir, versionsDir, sidecarDir} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			return nil, fmt.Errorf("make folder: %w", err)
		}
	}
	opts := posix.PosixOpts{
		VersioningDir:       filepath.Join(dir, versionsDir),
		CopyObjectThreshold: maxCopy,
	}
	var storer meta.MetadataStorer = meta.XattrMeta{}
	if err := (meta.XattrMeta{}).Test(filepath.Join(dir, dataDir)); err != nil {
		sidecar, err := meta.NewSideCar(filepath.Join(dir, sidecarDir))
		if err != nil {
			return nil, fmt.Errorf("open sidecar: %w", err)
		}
		storer, opts.SideCarDir = sidecar, filepath.Join(dir, sidecarDir)
	}
	files, err := posix.New(filepath.Join(dir, dataDir), storer, opts)
	if err != nil {
		return nil, fmt.Errorf("open files: %w", err)
	}
	return keyed{files}, nil
}

// gateway is the S3 gateway that runs in this process. There can be only one.
type gateway struct {
	ended chan struct{}
	err   error // why it ended; read it after ended is closed
}

// runGateway starts the gateway on a Unix socket and returns when it listens.
// It speaks TLS there too, so that a policy on aws:SecureTransport sees what
// the client sees.
func runGateway(ctx context.Context, env service.Env, root auth.Account, iam auth.IAMService, be backend.Backend) (*gateway, error) {
	cert, key := filepath.Join(env.Dir, "gateway.pem"), filepath.Join(env.Dir, "gateway.key")
	err := errors.Join(os.WriteFile(cert, env.Leaf.CertPEM, 0o600), os.WriteFile(key, env.Leaf.KeyPEM, 0o600))
	if err != nil {
		return nil, fmt.Errorf("write gateway certificate: %w", err)
	}
	listening := make(chan struct{})
	g := &gateway{ended: make(chan struct{})}
	cfg := &embedgw.Config{
		RootUserAccess:    root.Access,
		RootUserSecret:    root.Secret,
		Region:            env.Region,
		Ports:             []string{gatewaySocket},
		SocketPerm:        "0600",
		CertFile:          cert,
		KeyFile:           key,
		MaxConnections:    maxLoad,
		MaxRequests:       maxLoad,
		MultipartMaxParts: 10000,
		KeepAlive:         true,
		Quiet:             true,
		IAMService:        iam,
		S3Options: []s3api.Option{
			s3api.WithOnListen(func() { close(listening) }),
			s3api.WithMiddleware("/", restorePeer),
		},
	}
	go func() {
		g.err = embedgw.RunVersityGW(ctx, be, cfg)
		close(g.ended)
	}()
	select {
	case <-listening:
		return g, nil
	case <-g.ended:
		return nil, fmt.Errorf("run gateway: %w", g.err)
	}
}

// restorePeer gives a request that came over the socket the address of the
// front's client.
func restorePeer(c fiber.Ctx) error {
	if addr, err := net.ResolveTCPAddr("tcp", c.Get(peerHeader)); err == nil && addr.IP != nil {
		c.RequestCtx().SetRemoteAddr(addr)
	}
	return c.Next()
}

// transport reaches the gateway. It changes nothing in what it carries.
func (g *gateway) transport(roots *x509.CertPool) *http.Transport {
	var dialer net.Dialer
	return &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return dialer.DialContext(ctx, "unix", gatewaySocket)
		},
		TLSClientConfig:       &tls.Config{RootCAs: roots, ServerName: "localhost"},
		DisableCompression:    true,
		MaxIdleConnsPerHost:   maxLoad,
		ExpectContinueTimeout: 5 * time.Second,
	}
}
