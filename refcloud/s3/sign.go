package s3

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/versity/versitygw/auth"
)

// keyring signs requests: the front knows the secret of every account.
type keyring struct {
	accounts accounts
	region   string
}

type keyringKey struct{}

const (
	hashHeader  = "X-Amz-Content-Sha256"
	unsignedRaw = "UNSIGNED-PAYLOAD"
)

// Resign signs a request again as the account that sent it, after a fault
// edited what its signature covers. A presigned request becomes one with an
// Authorization header. A body that carries signatures chunk by chunk can't be
// signed again.
func Resign(r *http.Request) error {
	keys, ok := r.Context().Value(keyringKey{}).(keyring)
	if !ok {
		return errors.New("sign request: no keyring in its context")
	}
	access := accessKey(r)
	secret := keys.accounts.secret(access)
	if secret == "" {
		return fmt.Errorf("sign request: no secret for access key %q", access)
	}
	hash := r.Header.Get(hashHeader)
	if strings.HasPrefix(hash, "STREAMING-AWS4") {
		return errors.New("sign request: its body is signed in chunks")
	}
	if hash == "" {
		r.Header.Set(hashHeader, unsignedRaw)
	}
	dropPresigned(r)
	return keys.sign(r, access, secret)
}

func (k keyring) sign(r *http.Request, access, secret string) error {
	signer := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true })
	r.Header.Del("Authorization")
	return signer.SignHTTP(r.Context(), aws.Credentials{AccessKeyID: access, SecretAccessKey: secret},
		r, r.Header.Get(hashHeader), "s3", k.region, time.Now())
}

// SetBody replaces the body of a request. Resign must follow.
func SetBody(r *http.Request, body []byte) {
	sum := sha256.Sum256(body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	r.ContentLength = int64(len(body))
	r.Header.Set("Content-Length", fmt.Sprint(len(body)))
	r.Header.Set(hashHeader, hex.EncodeToString(sum[:]))
	r.Header.Del("Content-Md5")
}

// accessKey returns the access key id that a request names, "" for an anonymous
// one.
func accessKey(r *http.Request) string {
	scope := r.URL.Query().Get("X-Amz-Credential")
	if _, rest, ok := strings.Cut(r.Header.Get("Authorization"), "Credential="); ok {
		scope = rest
	}
	access, _, _ := strings.Cut(scope, "/")
	return access
}

func dropPresigned(r *http.Request) {
	query := r.URL.Query()
	if !query.Has("X-Amz-Signature") {
		return
	}
	for _, name := range []string{"Algorithm", "Credential", "Date", "Expires", "SignedHeaders", "Signature", "Security-Token"} {
		query.Del("X-Amz-" + name)
	}
	r.URL.RawQuery = query.Encode()
	r.RequestURI = r.URL.RequestURI()
}

// request sends a signed request of an account through a handler, the way a
// client does through the network.
func (k keyring) request(h http.Handler, a auth.Account, method, uri string, body []byte) error {
	r, err := http.NewRequest(method, uri, nil)
	if err != nil {
		return err
	}
	r.RequestURI = r.URL.RequestURI()
	r.RemoteAddr = "127.0.0.1:0"
	SetBody(r, body)
	if err := k.sign(r, a.Access, a.Secret); err != nil {
		return err
	}
	w := newRecorder(nil)
	h.ServeHTTP(w, r)
	if w.status() >= 300 {
		return fmt.Errorf("%s %s: status %d: %s", method, r.RequestURI, w.status(), w.body.Bytes())
	}
	return nil
}

// plantForeign makes the bucket that the customer's accounts must not reach.
func (s *Server) plantForeign() error {
	base := "https://" + s.listener.Addr().String() + "/" + s.foreign
	for _, put := range []struct{ uri, body string }{{base, ""}, {base + "/kept.txt", "This object belongs to somebody else.\n"}} {
		if err := s.front.keys.request(s.front.plain, s.accounts.stranger, http.MethodPut, put.uri, []byte(put.body)); err != nil {
			return err
		}
	}
	return nil
}
