package wire_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"hash/crc32"
	"io"
	"net/http"
	"reflect"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/internal/codec"
	"github.com/dynarepo/dynarepo/internal/engine/enginetest"
	"github.com/dynarepo/dynarepo/internal/fields"
)

func TestMain(m *testing.M) { enginetest.Main(m) }

type score struct {
	ID       string   `dynamodbav:"id"`
	Position int      `dynamodbav:"position"`
	Tags     []string `dynamodbav:"tags,stringset"`
}

type user struct {
	Name string `dynamodbav:"name"`
}

func codecOf[T any](tb testing.TB) *codec.Codec {
	tb.Helper()
	p, err := fields.Of(reflect.TypeFor[T]())
	require.NoError(tb, err)
	return codec.New(p)
}

// answer is what the stub sends back.
type answer struct {
	status int // 200 if it is 0
	body   string
	header map[string]string
	noSum  bool  // no X-Amz-Crc32
	breaks error // after the body
}

// stub is an HTTP client in place of DynamoDB: it gives one answer after the
// other, the last one for ever, and keeps the requests' bodies.
type stub struct {
	mu      sync.Mutex
	answers []answer
	bodies  []string
	lengths []int64
}

func (s *stub) Do(req *http.Request) (*http.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	s.bodies = append(s.bodies, string(body))
	s.lengths = append(s.lengths, req.ContentLength)
	a := s.answers[0]
	if len(s.answers) > 1 {
		s.answers = s.answers[1:]
	}
	header := http.Header{"Content-Type": {"application/x-amz-json-1.0"}}
	if !a.noSum {
		header.Set("X-Amz-Crc32", strconv.FormatUint(uint64(crc32.ChecksumIEEE([]byte(a.body))), 10))
	}
	for name, value := range a.header {
		header.Set(name, value)
	}
	return &http.Response{
		StatusCode:    max(a.status, 200),
		Header:        header,
		ContentLength: int64(len(a.body)),
		Body:          io.NopCloser(&breaking{bytes.NewReader([]byte(a.body)), a.breaks}),
	}, nil
}

type breaking struct {
	io.Reader
	err error
}

func (b *breaking) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if errors.Is(err, io.EOF) && b.err != nil {
		err = b.err
	}
	return n, err
}

func (s *stub) client(opts ...func(*dynamodb.Options)) *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		Region:     "us-east-1",
		HTTPClient: s,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "a", SecretAccessKey: "b"}, nil
		}),
		Retryer: retry.NewStandard(func(o *retry.StandardOptions) { o.MaxBackoff = time.Millisecond }),
	}, opts...)
}

func stubOf(answers ...answer) *stub { return &stub{answers: answers} }

func zip(tb testing.TB, text string) string {
	tb.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := w.Write([]byte(text))
	require.NoError(tb, err)
	require.NoError(tb, w.Close())
	return b.String()
}
