package cloud

import (
	"slices"
	"strings"
	"testing"

	"aloi.dev/refcloud/offer"
	"aloi.dev/refcloud/service"

	"gopkg.in/yaml.v3"
)

// TestDocument: whatever a service has or lacks, the document says the same to a
// reader of YAML, and no two accounts share a file.
func TestDocument(t *testing.T) {
	t.Parallel()
	secret := func(account string) service.Credential {
		return service.Credential{Name: account, Fields: []service.Secret{{Key: "key", Ext: "secret", Value: account}}}
	}
	text := document(offer.All[0], []string{"one", "two"}, map[string]service.Description{
		"bare": {Endpoint: "tls://127.0.0.1:1"},
		"full": {
			Endpoint: "https://127.0.0.1:2", Hosts: []string{"127.0.0.1:3", "localhost:4"}, TrustPEM: []byte("pem"),
			Settings: []service.Pair{{Key: "mode", Value: "yes"}, {Key: "list", Value: "a, b: {c}"}}, Features: []string{"x", "y"},
			Credentials: []service.Credential{secret("main"), secret("other")},
		},
		"more": {Endpoint: "postgres://127.0.0.1:5", Credentials: []service.Credential{secret("main")}},
	})
	var doc struct {
		Positions []string
		Services  map[string]struct {
			Endpoint, Trust string
			Hosts, Features []string
			Settings        map[string]any
			Credentials     map[string]map[string]string
		}
	}
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatalf("%v:\n%s", err, text)
	}
	bare, full, more := doc.Services["bare"], doc.Services["full"], doc.Services["more"]
	if bare.Endpoint != "tls://127.0.0.1:1" || bare.Trust != "file:ca.pem" || bare.Credentials == nil || bare.Settings != nil || bare.Features != nil {
		t.Errorf("%+v", bare)
	}
	if full.Settings["mode"] != "yes" || full.Settings["list"] != "a, b: {c}" || len(full.Features) != 2 ||
		!slices.Equal(full.Hosts, []string{"127.0.0.1:3", "localhost:4"}) || full.Trust != "file:alize-full-ca.pem" {
		t.Errorf("%+v", full)
	}
	if !slices.Equal(doc.Positions, []string{"one", "two"}) || full.Credentials["main"]["key"] != "file:secrets/alize-full-main.secret" ||
		more.Credentials["main"]["key"] != "file:secrets/alize-more-main.secret" {
		t.Errorf("%s", text)
	}
	if strings.Contains(text, "null") || strings.Contains(text, "[]") {
		t.Errorf("%s", text)
	}
}
