package oci

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"sync"

	"github.com/distribution/distribution/v3/configuration"
	_ "github.com/distribution/distribution/v3/registry/auth/token" // the access controller that verifies tokens
	"github.com/distribution/distribution/v3/registry/handlers"
	"github.com/sirupsen/logrus"
)

// openRegistry opens the distribution project's registry on a shelf. It makes its
// addresses absolute, below origin.
func openRegistry(ctx context.Context, dir, origin string, shelf shelf, t *tokens, log *slog.Logger) (app http.Handler, err error) {
	keys := filepath.Join(dir, "jwks.json")
	if err := t.writeKeys(keys); err != nil {
		return nil, err
	}
	quiet(log)
	config := &configuration.Configuration{
		Storage: configuration.Storage{
			shelfDriver:   {"shelf": shelf.driver},
			"delete":      {"enabled": true},
			"maintenance": {"uploadpurging": map[any]any{"enabled": false}},
		},
		Auth: configuration.Auth{"token": {
			"realm": origin + "/token", "service": t.service, "issuer": issuer, "jwks": keys, "signingalgorithms": []any{"ES256"},
		}},
	}
	config.Catalog.MaxEntries = 1000
	config.HTTP.Host, config.HTTP.Secret = origin, hexID(16)
	config.Validation.Manifests.URLs.Allow = []string{"^https?://"}
	config.Validation.Manifests.Indexes.Platforms = "none" // an index may list what isn't there, sha512 digests among it
	defer func() {                                         // so it says that its configuration is wrong
		if p := recover(); p != nil {
			err = fmt.Errorf("open registry: %v", p)
		}
	}()
	return handlers.NewApp(ctx, config), nil
}

var quietOnce sync.Once

// quiet turns the registry's one global logger to the offer's log. It writes a line
// for each refused request; only what it calls worse is kept.
func quiet(log *slog.Logger) {
	quietOnce.Do(func() {
		logrus.SetLevel(logrus.FatalLevel)
		logrus.SetOutput(slog.NewLogLogger(log.Handler(), slog.LevelWarn).Writer())
	})
}
