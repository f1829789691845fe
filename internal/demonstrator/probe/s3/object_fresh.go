package s3

import (
	"bytes"
	"fmt"
	"net/http"
	"sync"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

// freshChecks: a reader sees what was written last, whole. S3 has promised it
// since December 2020.
var freshChecks = []probe.Check{
	{
		ID: "s3/object/read-after-write", Rule: "S3 API, data consistency model",
		Title: lang.T("Un objet se lit dès qu'il est écrit, même après une lecture vaine", "An object can be read as soon as it is written, even after a read in vain"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket, body := c.Bucket(t), pattern(1, 400)
			c.Get(t, bucket, "object").WantRefusal(t, http.StatusNotFound, "NoSuchKey")
			c.Put(t, bucket, "object", body)
			c.Get(t, bucket, "object").Want(t, http.StatusOK).WantBody(t, body)
			wantHeld(t, c, bucket, "object")
		}),
	},
	{
		ID: "s3/object/read-after-overwrite", Rule: "S3 API, data consistency model",
		Title: lang.T("Une lecture qui suit une réécriture rend le nouveau contenu", "A read that follows an overwrite returns the new content"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket := c.Bucket(t)
			for i := range byte(3) {
				body := pattern(i, 400)
				put := c.Put(t, bucket, "object", body)
				a := c.Get(t, bucket, "object").Want(t, http.StatusOK).WantBody(t, body)
				wantETag(t, a, put.ETag())
			}
		}),
	},
	{
		ID: "s3/object/read-after-delete", Rule: "S3 API, data consistency model",
		Title: lang.T("Une lecture qui suit un effacement ne trouve plus l'objet", "A read that follows a deletion finds the object no more"),
		Run: with(func(t *probe.T, c *Cloud) {
			bucket, body := c.Bucket(t), pattern(1, 400)
			c.Put(t, bucket, "object", body)
			c.Get(t, bucket, "object").Want(t, http.StatusOK).WantBody(t, body)
			c.Do(t, Request{Method: http.MethodDelete, Bucket: bucket, Key: "object"}).Want(t, http.StatusNoContent, http.StatusOK)
			c.Get(t, bucket, "object").WantRefusal(t, http.StatusNotFound, "NoSuchKey")
		}),
	},
	{
		ID: "s3/object/concurrent-overwrite", Rule: "S3 API, data consistency model",
		Title: lang.T("Pendant des réécritures, chaque lecture rend une version entière", "During overwrites each read returns one whole version"),
		Run:   with(concurrentOverwrite),
	},
}

func concurrentOverwrite(t *probe.T, c *Cloud) {
	const size, readings, writings = 50_000, 6, 60
	bucket := c.Bucket(t)
	versions := [][]byte{bytes.Repeat([]byte("a"), size), bytes.Repeat([]byte("b"), size)}
	c.Put(t, bucket, "object", versions[0])
	var readers sync.WaitGroup
	done := make(chan struct{})
	for range 2 {
		readers.Go(func() {
			for range readings {
				a := c.Get(t, bucket, "object").Want(t, http.StatusOK)
				if i := bytes.IndexFunc(a.Body, func(r rune) bool { return r != rune(a.Body[0]) }); i > 0 {
					t.Fail(a.Did+" during overwrites", fmt.Sprintf("one version up to byte %d, then another", i), "one whole version")
				}
				t.Want(len(a.Body) == size, a.Did+" during overwrites", a.Got(), fmt.Sprintf("200 with %d bytes", size))
			}
		})
	}
	go func() {
		readers.Wait()
		close(done)
	}()
	defer readers.Wait() // also when a write ends the check
	for i := range writings {
		select {
		case <-done:
			return
		default:
			c.Put(t, bucket, "object", versions[(i+1)%2])
		}
	}
}
