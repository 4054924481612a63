package canned_test

import (
	"context"
	"hash/crc32"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/bench/internal/canned"
	"github.com/dynarepo/dynarepo/bench/internal/model"
)

func items[T any](m *model.Model[T], n int) []model.Attrs {
	out := make([]model.Attrs, n)
	for i, item := range m.Items(n) {
		out[i] = m.Encode(&item)
	}
	return out
}

// TestPages: a partition, or each segment of a scan, is read page by page.
func TestPages(t *testing.T) {
	t.Parallel()
	want := items(model.MixedModel(), 3)
	transport := canned.NewTransport(canned.Pages(want, 6), 0)
	client := transport.Client()
	in := &dynamodb.ScanInput{TableName: aws.String(model.Table)}
	read := func() (pages int) {
		for scan := dynamodb.NewScanPaginator(client, in); scan.HasMorePages(); pages++ {
			out, err := scan.NextPage(t.Context())
			require.NoError(t, err)
			assert.Equal(t, want, out.Items)
			assert.EqualValues(t, 3, out.Count)
			assert.EqualValues(t, 3, out.ScannedCount)
			assert.Equal(t, in.ReturnConsumedCapacity != "", out.ConsumedCapacity != nil, "capacity comes to those who ask")
		}
		return pages
	}
	assert.Equal(t, 6, read())
	in.Segment, in.TotalSegments = aws.Int32(2), aws.Int32(3)
	in.ReturnConsumedCapacity = types.ReturnConsumedCapacityIndexes
	assert.Equal(t, 2, read())

	op, body := transport.Take()
	assert.Equal(t, "Scan", op)
	assert.Contains(t, string(body), `"Segment":2`)
	op, body = transport.Take()
	assert.Empty(t, op)
	assert.Empty(t, body)
}

// TestChecksum: answers carry the checksum and length of their bodies.
func TestChecksum(t *testing.T) {
	t.Parallel()
	transport := canned.NewTransport(canned.Found(items(model.LargeModel(), 5)), 0)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://localhost", strings.NewReader("{}"))
	require.NoError(t, err)
	resp, err := transport.Do(req)
	require.NoError(t, err)
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	assert.Equal(t, strconv.FormatUint(uint64(crc32.ChecksumIEEE(body)), 10), resp.Header.Get("X-Amz-Crc32"))
	assert.Equal(t, strconv.Itoa(len(body)), resp.Header.Get("Content-Length"))
	assert.EqualValues(t, len(body), resp.ContentLength)
	assert.Contains(t, string(body), "Zürich")
}

// TestWait: a transport answers after its wait, or ends with the context.
func TestWait(t *testing.T) {
	t.Parallel()
	const wait = 20 * time.Millisecond
	put := &dynamodb.PutItemInput{TableName: aws.String(model.Table), Item: items(model.NarrowModel(), 1)[0]}
	start := time.Now()
	_, err := canned.NewTransport(canned.Done(), wait).Client().PutItem(t.Context(), put)
	require.NoError(t, err)
	assert.GreaterOrEqual(t, time.Since(start), wait)

	ctx, cancel := context.WithTimeout(t.Context(), wait)
	defer cancel()
	_, err = canned.NewTransport(canned.Done(), time.Hour).Client().PutItem(ctx, put)
	assert.ErrorIs(t, err, context.DeadlineExceeded)
}

// TestServer: the server gives the same answers over HTTP.
func TestServer(t *testing.T) {
	t.Parallel()
	want := items(model.MixedModel(), 1)
	server, err := canned.NewServer(canned.Item(want[0]))
	require.NoError(t, err)
	client := server.Client()
	out, err := client.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: aws.String(model.Table), Key: model.Attrs{}})
	require.NoError(t, err)
	assert.Equal(t, want[0], out.Item)
	op, _ := server.Take()
	assert.Equal(t, "GetItem", op)
	assert.NoError(t, server.Close())
}

// TestWritten: what requests write is found in all three of their forms.
func TestWritten(t *testing.T) {
	t.Parallel()
	want := items(model.NestedModel(), 2)
	batch := make([]types.WriteRequest, len(want))
	all := make([]types.TransactWriteItem, len(want))
	for i, item := range want {
		batch[i].PutRequest = &types.PutRequest{Item: item}
		all[i].Put = &types.Put{TableName: aws.String(model.Table), Item: item}
	}
	transport := canned.NewTransport(canned.Done(), 0)
	client := transport.Client()
	for n, send := range []func() error{
		func() error {
			_, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String(model.Table), Item: want[0]})
			return err
		},
		func() error {
			_, err := client.BatchWriteItem(t.Context(), &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{model.Table: batch}})
			return err
		},
		func() error {
			_, err := client.TransactWriteItems(t.Context(), &dynamodb.TransactWriteItemsInput{TransactItems: all})
			return err
		},
	} {
		require.NoError(t, send())
		_, body := transport.Take()
		got, err := canned.Written(body)
		require.NoError(t, err)
		assert.Equal(t, want[:min(n+1, 2)], got)
	}
	for _, body := range []string{"", `{"Item":{"pk":{"X":1}}}`} {
		_, err := canned.Written([]byte(body))
		assert.Error(t, err, body)
	}
}
