package postgres

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"aloi.dev/refcloud/service"
)

const (
	readyLimit = 40 * time.Second
	quitLimit  = 700 * time.Millisecond // the offer's process has a second
)

// admin is the name of the real server's superuser.
const admin = "operator"

// cluster is a real PostgreSQL server in a folder of its own, run by an
// unprivileged user.
type cluster struct {
	dir   string // holds data/, the socket and the certificate
	port  int    // on the loopback interface, and of the socket's name
	cmd   *exec.Cmd
	ended chan struct{}
}

// startCluster makes a new cluster and starts its server. It does not wait until
// the server answers.
func startCluster(ctx context.Context, env service.Env, password string) (*cluster, error) {
	bin, err := binaries()
	if err != nil {
		return nil, err
	}
	owner, err := unprivileged()
	if err != nil {
		return nil, err
	}
	c := &cluster{dir: env.Dir, ended: make(chan struct{})}
	if err := c.prepare(env, owner, password); err != nil {
		return nil, err
	}
	initdb := c.command(ctx, owner, filepath.Join(bin, "initdb"), "--pgdata", c.path("data"), "--username", admin,
		"--pwfile", c.path("password"), "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C.UTF-8",
		"--data-checksums", "--no-sync", "--no-instructions")
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("make the cluster: %w: %s", err, strings.TrimSpace(string(out)))
	}
	if err := os.Remove(c.path("password")); err != nil {
		return nil, err
	}
	if err := c.configure(owner); err != nil {
		return nil, err
	}
	c.cmd = c.command(context.WithoutCancel(ctx), owner, filepath.Join(bin, "postgres"), "-D", c.path("data"))
	c.cmd.Stdout, c.cmd.Stderr = os.Stderr, os.Stderr // the offer's log
	return c, c.launch()
}

// binaries returns the folder of the newest server on the machine.
func binaries() (string, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb") // the pattern is well formed
	slices.SortFunc(found, func(a, b string) int { return version(b) - version(a) })
	if len(found) == 0 {
		if path, err := exec.LookPath("initdb"); err == nil {
			found = []string{path}
		}
	}
	if len(found) == 0 {
		return "", errors.New("this machine has no PostgreSQL server: install it (scripts/postgresql, or apt-get install postgresql), or choose other services with --service")
	}
	return filepath.Dir(found[0]), nil
}

// version is the number in /usr/lib/postgresql/NUMBER/bin/initdb.
func version(path string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path))))
	return n
}

// unprivileged returns whom the server runs as: root must drop its rights, anyone
// else runs it himself (nil).
func unprivileged() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	var err error
	for _, name := range []string{"postgres", "nobody"} {
		var u *user.User
		if u, err = user.Lookup(name); err == nil {
			uid, _ := strconv.ParseUint(u.Uid, 10, 32)
			gid, _ := strconv.ParseUint(u.Gid, 10, 32)
			return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
		}
	}
	return nil, fmt.Errorf("PostgreSQL refuses to run as root, and there is nobody else: %w", err)
}

func (c *cluster) path(name string) string { return filepath.Join(c.dir, name) }

// prepare makes what the cluster's user must find.
func (c *cluster) prepare(env service.Env, owner *syscall.Credential, password string) error {
	if err := os.Chmod(c.dir, 0o711); err != nil { // to be passed through, not read
		return err
	}
	if err := passable(c.dir, owner); err != nil {
		return err
	}
	for _, name := range []string{"data", "s"} {
		if err := errors.Join(os.Mkdir(c.path(name), 0o700), give(c.path(name), owner)); err != nil {
			return err
		}
	}
	files := map[string][]byte{"password": []byte(password), "leaf.pem": env.Leaf.CertPEM, "leaf.key": env.Leaf.KeyPEM}
	for name, content := range files {
		if err := errors.Join(os.WriteFile(c.path(name), content, 0o600), give(c.path(name), owner)); err != nil {
			return err
		}
	}
	return nil
}

func give(path string, owner *syscall.Credential) error {
	if owner == nil {
		return nil
	}
	return os.Chown(path, int(owner.Uid), int(owner.Gid))
}

// passable wants every folder on the way to let the cluster's user through.
func passable(dir string, owner *syscall.Credential) error {
	if owner == nil {
		return nil
	}
	for ; dir != "/"; dir = filepath.Dir(dir) {
		info, err := os.Stat(dir)
		if err != nil {
			return err
		}
		if info.Mode().Perm()&0o001 == 0 {
			return fmt.Errorf("the folder %s keeps out the user that PostgreSQL runs as (root doesn't do): name another state folder, or `chmod o+x` it", dir)
		}
	}
	return nil
}

// configure writes the server's settings. The server begins without waiting for the
// disk, until it is furnished ([cluster.inEarnest]).
func (c *cluster) configure(owner *syscall.Credential) error {
	probe, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	c.port = probe.Addr().(*net.TCPAddr).Port
	probe.Close()
	settings := fmt.Sprintf(`
listen_addresses = '127.0.0.1'
port = %d
unix_socket_directories = '%s'
ssl = on
ssl_cert_file = '%s'
ssl_key_file = '%s'
password_encryption = 'scram-sha-256'
max_connections = 100
shared_buffers = 16MB
dynamic_shared_memory_type = mmap
wal_level = logical
max_wal_senders = 4
max_replication_slots = 4
max_prepared_transactions = 8
shared_preload_libraries = 'pg_stat_statements'
deadlock_timeout = 200ms
jit = off
timezone = 'UTC'
log_min_messages = fatal
log_min_error_statement = panic
fsync = off
`, c.port, c.path("s"), c.path("leaf.pem"), c.path("leaf.key"))
	return errors.Join(c.set(settings), c.writeHBA(cleanHBA), give(filepath.Join(c.path("data"), "pg_hba.conf"), owner))
}

// set adds settings, which win over those above them.
func (c *cluster) set(settings string) error {
	file, err := os.OpenFile(filepath.Join(c.path("data"), "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = file.WriteString(settings)
	return errors.Join(err, file.Close())
}

// inEarnest has the server wait for the disk from the next reload on, as a real
// offer does: nothing is traded for speed that a check could ask about.
func (c *cluster) inEarnest() error { return c.set("fsync = on\n") }

// cleanHBA lets customers in over TLS with SCRAM, and the operator over the socket.
const cleanHBA = "local all all scram-sha-256\nhostssl all all 127.0.0.1/32 scram-sha-256\nhostnossl all all all reject\n"

// writeHBA replaces the rules of who may connect, from the next reload on.
func (c *cluster) writeHBA(rules string) error {
	return os.WriteFile(filepath.Join(c.path("data"), "pg_hba.conf"), []byte(rules), 0o600)
}

func (c *cluster) command(ctx context.Context, owner *syscall.Credential, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = c.dir
	cmd.Env = []string{"PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8"}
	// SIGQUIT is the order to stop at once; it also comes when this process dies.
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: owner, Pdeathsig: syscall.SIGQUIT, Setpgid: true}
	return cmd
}

// launch starts the server from a thread that lives as long as it does: the death
// signal is that of the thread.
func (c *cluster) launch() error {
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		err := c.cmd.Start()
		started <- err
		if err == nil {
			c.cmd.Wait()
			close(c.ended)
		}
	}()
	return <-started
}

// stop ends the server at once; its data is not needed any more.
func (c *cluster) stop() {
	c.cmd.Process.Signal(syscall.SIGQUIT)
	select {
	case <-c.ended:
	case <-time.After(quitLimit):
		c.cmd.Process.Kill()
		<-c.ended
	}
}
