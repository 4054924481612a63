package lean

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go/metrics"
	"github.com/aws/smithy-go/tracing"
)

// closed tells why the options of a client don't allow requests that the SDK does
// not send; "" if they do. Each field is as the SDK makes it, or is one that the
// learned request shows; a field that is not known here is not allowed.
func closed(o *dynamodb.Options) string {
	if reason := strange(reflect.TypeFor[dynamodb.Options]()); reason != "" {
		return reason
	}
	_, noTracer := o.TracerProvider.(*tracing.NopTracerProvider)
	_, noMeter := o.MeterProvider.(metrics.NopMeterProvider)
	switch {
	case len(o.APIOptions) > 0:
		return "it has middleware (APIOptions)"
	case !isEmpty(reflect.ValueOf(o.Interceptors)):
		return "it has interceptors"
	case !noTracer:
		return "it has a tracer"
	case !noMeter:
		return "it has a meter"
	case o.ClientLogMode != 0:
		return "it logs requests (ClientLogMode)"
	case o.EnableAcceptEncodingGzip:
		return "it asks for compressed answers"
	case o.EndpointDiscovery.EnableEndpointDiscovery == aws.EndpointDiscoveryEnabled:
		return "it discovers endpoints"
	case o.EndpointResolver != nil: //nolint:staticcheck // who sets the old one must be seen
		return "it has an endpoint resolver of the first kind"
	case typed(o.EndpointResolverV2) != "*dynamodb.resolver":
		return "it has an endpoint resolver of its own"
	case typed(o.HTTPSignerV4) != "*v4.Signer":
		return "it has a signer of its own"
	case typed(o.Protocol) != "*awsjson.Protocol":
		return "it has a protocol of its own"
	case typed(o.AuthSchemeResolver) != "*dynamodb.withAnonymous":
		return "it resolves auth schemes on its own"
	case len(o.AuthSchemePreference) > 0:
		return "it prefers auth schemes"
	case o.RetryMode == aws.RetryModeAdaptive || !standard(o.Retryer):
		return "its retryer is not the standard one"
	case o.Credentials == nil || aws.IsCredentialsProvider(o.Credentials, (*aws.AnonymousCredentials)(nil)):
		return "it has no credentials"
	case o.HTTPClient == nil:
		return "it has no HTTP client"
	}
	for _, s := range o.AuthSchemes {
		if typed(s) != "*auth.HTTPAuthScheme" {
			return "it has an auth scheme of its own"
		}
	}
	return ""
}

func typed(v any) string { return fmt.Sprintf("%T", v) }

// standard reports whether a retryer is the SDK's standard one, within what the
// SDK wraps around one that is to make so many attempts.
func standard(r any) bool {
	for range 8 {
		if _, ok := r.(*retry.Standard); ok {
			return true
		}
		if typed(r) != "*retry.withMaxAttempts" {
			return false
		}
		within := reflect.ValueOf(r).Elem().FieldByName("RetryerV2")
		if !within.IsValid() || !within.CanInterface() {
			return false
		}
		r = within.Interface()
	}
	return false
}

func isEmpty(v reflect.Value) bool {
	for _, f := range v.Fields() {
		if f.Kind() != reflect.Slice || f.Len() > 0 {
			return false
		}
	}
	return true
}

// known are the options that are looked at, or that change nothing but what is
// learned or what comes of a failure.
var known = []string{
	"APIOptions", "AccountIDEndpointMode", "AppID", "BaseEndpoint", "ClientLogMode", "Credentials", "DefaultsMode",
	"DisableClockSkewCorrection", "DisableValidateResponseChecksum", "EnableAcceptEncodingGzip", "EndpointDiscovery", "EndpointOptions",
	"EndpointResolver", "EndpointResolverV2", "HTTPSignerV4", "IdempotencyTokenProvider", "Logger", "MeterProvider", "Region",
	"RetryMaxAttempts", "RetryMode", "Retryer", "RuntimeEnvironment", "TracerProvider", "resolvedDefaultsMode", "Protocol", "HTTPClient",
	"Interceptors", "AuthSchemeResolver", "AuthSchemes", "AuthSchemePreference",
}

// strange names an option that is not known; "" if there is none.
func strange(t reflect.Type) string {
	for f := range t.Fields() {
		if !slices.Contains(known, f.Name) {
			return "the SDK has an option that is not known here: " + f.Name
		}
	}
	return ""
}
