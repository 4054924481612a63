package repo

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	smithyendpoints "github.com/aws/smithy-go/endpoints"
)

// Open makes a client from the environment, as the SDK's config package reads
// it, and cfg; nil stands for the zero Config. Every fault of cfg is reported
// at once, each a [*ConfigError]. Nothing is sent to DynamoDB; the SDK may ask
// other services for credentials when the first request needs them.
//
// The client differs from one that the SDK makes by itself in points that change
// no behaviour: it keeps up to 256 idle connections to the service, so that
// parallel calls don't dial; it parses Endpoint once and not for each call; and it
// does not look at the checksums of answers where Endpoint is on this machine,
// since DynamoDB Local's errors have wrong ones.
func Open(ctx context.Context, cfg *Config) (*DB, error) {
	c, err := cfg.checked()
	if err != nil {
		return nil, err
	}
	load := []func(*config.LoadOptions) error{config.WithHTTPClient(pooled())}
	local := isLocal(c.Endpoint)
	if local {
		load = append(load, config.WithDefaultRegion("us-east-1"))
		if os.Getenv("AWS_ACCESS_KEY_ID") == "" && os.Getenv("AWS_PROFILE") == "" {
			load = append(load, config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider("local", "local", "")))
		}
	}
	if c.Region != "" {
		load = append(load, config.WithRegion(c.Region))
	}
	if c.Credentials != nil {
		load = append(load, config.WithCredentialsProvider(c.Credentials))
	}
	sdk, err := config.LoadDefaultConfig(ctx, load...)
	if err != nil {
		return nil, fmt.Errorf("repo: load the SDK's configuration: %w", err)
	}
	client := dynamodb.NewFromConfig(sdk, append([]func(*dynamodb.Options){func(o *dynamodb.Options) {
		if c.Endpoint != "" {
			o.BaseEndpoint = aws.String(c.Endpoint)
			o.EndpointResolverV2 = newFixedEndpoint(c.Endpoint)
		}
		// DynamoDB Local's errors have a wrong one, of which the SDK warns each time.
		o.DisableValidateResponseChecksum = local
	}}, c.Options...)...)
	return newDB(client, c), nil
}

func isLocal(endpoint string) bool {
	u, err := url.Parse(endpoint)
	if err != nil {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}

// maxIdle is how many idle connections to the service are kept; the SDK's 10
// make parallel calls dial, at the price of a TLS handshake each.
const maxIdle = 256

func pooled() *awshttp.BuildableClient {
	return awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
		t.MaxIdleConns, t.MaxIdleConnsPerHost = maxIdle, maxIdle
	})
}

// A fixedEndpoint resolves the endpoint that Open was told without parsing it
// anew for each call, and any other as the SDK does.
type fixedEndpoint struct {
	text string
	uri  url.URL
	next dynamodb.EndpointResolverV2
}

func newFixedEndpoint(text string) *fixedEndpoint {
	uri, _ := url.Parse(text) // checked with the Config
	return &fixedEndpoint{text, *uri, dynamodb.NewDefaultEndpointResolverV2()}
}

// ResolveEndpoint returns the endpoint of the parameters.
func (f *fixedEndpoint) ResolveEndpoint(ctx context.Context, p dynamodb.EndpointParameters) (smithyendpoints.Endpoint, error) {
	if aws.ToString(p.Endpoint) != f.text || aws.ToBool(p.UseFIPS) || aws.ToBool(p.UseDualStack) {
		return f.next.ResolveEndpoint(ctx, p)
	}
	return smithyendpoints.Endpoint{URI: f.uri}, nil
}
