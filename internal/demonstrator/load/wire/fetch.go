package wire

import (
	"context"
	"io"

	"aloi.dev/internal/demonstrator/load"
)

// Fetch is a workload of requests without a body, on persistent connections.
type Fetch struct {
	Server *Server
	// Head appends the head of a request, as in Request.Head.
	Head func(into []byte, op *load.Op) []byte
	// Body returns what takes the answer's body; it is called once a connection. Nil:
	// only its length is looked at.
	Body func() io.Writer
	// Check says whether the answer is right; nil wants a 200.
	Check func(*Answer) error
}

// Open returns a client.
func (f *Fetch) Open() (load.Client, error) {
	c := &fetcher{fetch: f, conn: New(f.Server)}
	if f.Body != nil {
		c.body = f.Body()
	}
	return c, nil
}

type fetcher struct {
	fetch *Fetch
	conn  *Conn
	body  io.Writer
	req   Request
}

func (c *fetcher) Warm(ctx context.Context) error {
	return c.conn.Connect(ctx, load.NewOp(load.System()))
}

func (c *fetcher) Do(ctx context.Context, op *load.Op) error {
	c.req.Head = c.fetch.Head(c.req.Head[:0], op)
	answer, err := c.conn.Do(ctx, op, &c.req, c.body)
	if err != nil {
		return err
	}
	if c.fetch.Check != nil {
		return c.fetch.Check(answer)
	}
	return answer.Check(200)
}

func (c *fetcher) Close() error { return c.conn.Close() }
