package repo

import (
	"context"
	"fmt"
	"net/http"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// Open makes a client from the environment, as the SDK's config package reads
// it, and cfg; nil stands for the zero Config. Every fault of cfg is reported
// at once, each a [*ConfigError]. Nothing is sent to DynamoDB; the SDK may ask
// other services for credentials when the first request needs them.
//
// The client differs from one that the SDK makes by itself: it keeps up to 256 idle
// connections to the service, so that parallel calls don't dial; and where Endpoint
// is on this machine it fails at once if nothing listens there, instead of trying
// again for seconds, and does not look at the checksums of answers, since DynamoDB
// Local's errors have wrong ones.
func Open(ctx context.Context, cfg *Config) (*DB, error) {
	c, err := cfg.checked()
	if err != nil {
		return nil, err
	}
	local := isLocal(c.Endpoint)
	load := []func(*config.LoadOptions) error{config.WithHTTPClient(pooled(local))}
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
		}
		// DynamoDB Local's errors have a wrong one, of which the SDK warns each time.
		o.DisableValidateResponseChecksum = local
	}}, c.Options...)...)
	if o := client.Options(); o.Region == "" && o.BaseEndpoint == nil {
		return nil, &ConfigError{Field: "Config.Region", Rule: "there is none here, in AWS_REGION or in the profile"}
	}
	return newDB(client, c), nil
}

// maxIdle is how many idle connections to the service are kept; the SDK's 10
// make parallel calls dial, at the price of a TLS handshake each.
const maxIdle = 256

func pooled(local bool) *awshttp.BuildableClient {
	return awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
		t.MaxIdleConns, t.MaxIdleConnsPerHost = maxIdle, maxIdle
		if local {
			t.DialContext = attentive(t.DialContext)
		}
	})
}
