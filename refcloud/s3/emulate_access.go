package s3

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/gofiber/fiber/v3"
	"github.com/valyala/fasthttp"
	"github.com/versity/versitygw/auth"
	"github.com/versity/versitygw/s3err"
)

// authorise decides with the gateway's own rules (the bucket's policy, else its
// ACL) whether the account that signed a request may do something to a bucket.
// The gateway has already authenticated the request, and has already authorised
// an anonymous one.
func (e *emulation) authorise(r *http.Request, bucket string, action auth.Action) error {
	access := accessKey(r)
	if access == "" {
		return nil
	}
	account, err := e.iam.GetUserAccount(access)
	if err != nil {
		return fmt.Errorf("find account: %w", err)
	}
	raw, err := e.be.GetBucketAcl(r.Context(), &s3.GetBucketAclInput{Bucket: &bucket})
	if err != nil {
		return fmt.Errorf("read acl of %s: %w", bucket, err)
	}
	acl, err := auth.ParseACL(raw)
	if err != nil {
		return fmt.Errorf("parse acl of %s: %w", bucket, err)
	}
	permission := auth.PermissionWrite
	if r.Method == http.MethodGet {
		permission = auth.PermissionRead
	}
	app := fiber.New()
	c := app.AcquireCtx(gatewayView(r))
	defer app.ReleaseCtx(c)
	err = auth.VerifyAccess(c, e.be, auth.AccessOptions{
		Acl: acl, AclPermission: permission, IsRoot: account.Role == auth.RoleAdmin,
		Acc: account, Bucket: bucket, Actions: []auth.Action{action}, Iam: e.iam,
	})
	var denied s3err.S3Error
	if errors.As(err, &denied) {
		return refusal{http.StatusForbidden, "AccessDenied", "Access Denied."}
	}
	return err
}

// gatewayView is a request as the gateway's rules see it: what the conditions
// of a policy may name, the peer's address and TLS included.
func gatewayView(r *http.Request) *fasthttp.RequestCtx {
	view := new(fasthttp.RequestCtx)
	view.Init2(tls.Server(nil, nil), nil, false)
	if addr, err := net.ResolveTCPAddr("tcp", r.RemoteAddr); err == nil {
		view.SetRemoteAddr(addr)
	}
	view.Request.SetRequestURI(r.RequestURI)
	view.Request.Header.SetMethod(r.Method)
	view.Request.Header.SetHost(r.Host)
	for _, name := range []string{"User-Agent", "Referer"} {
		view.Request.Header.Set(name, r.Header.Get(name))
	}
	return view
}
