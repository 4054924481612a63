package clients

import (
	"context"
	"errors"

	"github.com/dynarepo/dynarepo/repo"
)

// ErrTenant refuses a request whose context names no tenant that is known.
var ErrTenant = errors.New("clients: no such tenant")

type tenantKey struct{}

// WithTenant returns a context whose requests are those of a tenant.
func WithTenant(ctx context.Context, name string) context.Context {
	return context.WithValue(ctx, tenantKey{}, name)
}

// ByTenant returns a client that sends each request by that of the context's tenant:
// one of its own credentials, account or region.
func ByTenant(clients map[string]repo.Client) repo.Client {
	return Around(func(ctx context.Context, _ any, send func(context.Context, repo.Client) (any, error)) (any, error) {
		name, _ := ctx.Value(tenantKey{}).(string)
		c, ok := clients[name]
		if !ok {
			return nil, ErrTenant // before anything is sent
		}
		return send(ctx, c)
	})
}
