package table_test

import (
	"bytes"
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/internal/faults"
	"github.com/dynarepo/dynarepo/repo"
	"github.com/dynarepo/dynarepo/table"
)

// an operation changes one thing of a table.
type operation func(context.Context, table.Model, *table.Options) (bool, error)

func throughput(read, write int64) operation {
	return func(ctx context.Context, m table.Model, o *table.Options) (bool, error) {
		return table.SetThroughput(ctx, m, "", index.Throughput{Read: read, Write: write}, o)
	}
}

func indexThroughput(name string, read, write int64) operation {
	return func(ctx context.Context, m table.Model, o *table.Options) (bool, error) {
		return table.SetThroughput(ctx, m, name, index.Throughput{Read: read, Write: write}, o)
	}
}

func onDemand(on bool) operation {
	return func(ctx context.Context, m table.Model, o *table.Options) (bool, error) {
		return table.SetOnDemand(ctx, m, on, o)
	}
}

func stream(view types.StreamViewType) operation {
	return func(ctx context.Context, m table.Model, o *table.Options) (bool, error) {
		return table.SetStream(ctx, m, view, o)
	}
}

func ttl(attr string) operation {
	return func(ctx context.Context, m table.Model, o *table.Options) (bool, error) {
		return table.SetTTL(ctx, m, attr, o)
	}
}

func protection(on bool) operation {
	return func(ctx context.Context, m table.Model, o *table.Options) (bool, error) {
		return table.SetProtection(ctx, m, on, o)
	}
}

func createIndex(name string) operation {
	return func(ctx context.Context, m table.Model, o *table.Options) (bool, error) {
		return table.CreateIndex(ctx, m, name, o)
	}
}

func dropIndex(name string) operation {
	return func(ctx context.Context, m table.Model, o *table.Options) (bool, error) {
		return table.DropIndex(ctx, m, name, o)
	}
}

// TestAlter: each operation changes its one thing, tells so, and finds it done
// the second time without a change (rule L3).
func TestAlter(t *testing.T) {
	t.Parallel()
	unit := func(d *table.Description, name string) index.Throughput {
		for _, x := range d.Indexes {
			if x.Name == name {
				return x.Throughput
			}
		}
		return d.Throughput
	}
	names := func(d *table.Description) map[string]bool {
		all := map[string]bool{}
		for _, x := range d.Indexes {
			all[x.Name] = true
		}
		return all
	}
	type step struct {
		do       operation
		requests int // that change something
		check    func(*testing.T, *table.Description)
	}
	tests := map[string][]step{
		"capacity": {
			{throughput(7, 0), 1, func(t *testing.T, d *table.Description) {
				assert.Equal(t, index.Throughput{Read: 7, Write: 20}, unit(d, ""))
				assert.Equal(t, index.Throughput{Read: 5, Write: 2}, unit(d, "user_idx"))
			}},
			{indexThroughput("user_idx", 0, 9), 1, func(t *testing.T, d *table.Description) {
				assert.Equal(t, index.Throughput{Read: 7, Write: 20}, unit(d, ""))
				assert.Equal(t, index.Throughput{Read: 5, Write: 9}, unit(d, "user_idx"))
				assert.Equal(t, index.Throughput{Read: 100, Write: 20}, unit(d, "wide_idx"))
			}},
			{onDemand(true), 1, func(t *testing.T, d *table.Description) { assert.True(t, d.OnDemand) }},
			{onDemand(false), 1, func(t *testing.T, d *table.Description) {
				assert.False(t, d.OnDemand)
				assert.Equal(t, index.Throughput{Read: 100, Write: 20}, unit(d, ""))
				assert.Equal(t, index.Throughput{Read: 5, Write: 2}, unit(d, "user_idx"))
				assert.Equal(t, index.Throughput{Read: 100, Write: 20}, unit(d, "wide_idx"))
			}},
		},
		"stream": {
			{stream(types.StreamViewTypeNewImage), 1, nil},
			{stream(types.StreamViewTypeOldImage), 2, nil},
			{stream(types.StreamViewTypeNewAndOldImages), 2, nil},
			{stream(types.StreamViewTypeKeysOnly), 2, func(t *testing.T, d *table.Description) {
				assert.Equal(t, types.StreamViewTypeKeysOnly, d.Stream)
				assert.NotEmpty(t, d.StreamARN)
			}},
			{stream(table.NoStream), 1, func(t *testing.T, d *table.Description) { assert.Empty(t, d.Stream) }},
		},
		"TTL": {
			{ttl("account"), 1, func(t *testing.T, d *table.Description) {
				assert.Equal(t, table.TTL{Attr: "account", Status: types.TimeToLiveStatusEnabled}, d.TTL)
			}},
			{ttl("position"), 2, func(t *testing.T, d *table.Description) { assert.Equal(t, "position", d.TTL.Attr) }},
			{ttl(""), 1, func(t *testing.T, d *table.Description) {
				assert.Equal(t, table.TTL{Status: types.TimeToLiveStatusDisabled}, d.TTL)
			}},
		},
		"protection": {
			{protection(true), 1, func(t *testing.T, d *table.Description) { assert.True(t, d.Protected) }},
			{protection(false), 1, func(t *testing.T, d *table.Description) { assert.False(t, d.Protected) }},
		},
		"indexes": {
			{dropIndex("wide_idx"), 1, func(t *testing.T, d *table.Description) {
				assert.Equal(t, map[string]bool{"user_idx": true, "points_idx": true}, names(d))
			}},
			{createIndex("wide_idx"), 1, func(t *testing.T, d *table.Description) { assert.True(t, names(d)["wide_idx"]) }},
		},
	}
	for name, steps := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, tr := model(t)
			create(t, m, tr)
			patient := &table.Options{Polls: patience, Interval: 5 * time.Millisecond}
			for i, s := range steps {
				changing := func() int { return tr.Calls("UpdateTable") + tr.Calls("UpdateTimeToLive") }
				tr.Reset()
				changed, err := s.do(t.Context(), m, patient)
				require.NoError(t, err, i)
				assert.True(t, changed, i)
				assert.Equal(t, s.requests, changing(), i)
				tr.Reset()
				changed, err = s.do(t.Context(), m, patient)
				require.NoError(t, err, i)
				assert.False(t, changed, "step %d is done already", i)
				assert.Zero(t, changing(), i)
				if s.check != nil {
					d, err := table.Inspect(t.Context(), m)
					require.NoError(t, err)
					s.check(t, d)
				}
			}
		})
	}
}

// TestAlterRefused: what can't be done is told before any change.
func TestAlterRefused(t *testing.T) {
	t.Parallel()
	m, tr := model(t)
	for name, do := range map[string]operation{
		"throughput": throughput(1, 1), "index": indexThroughput("user_idx", 1, 1), "on demand": onDemand(true), "stream": stream(table.NoStream),
		"ttl": ttl("account"), "protection": protection(true), "create": createIndex("user_idx"), "drop": dropIndex("user_idx"),
	} {
		_, err := do(t.Context(), m, quick(2))
		require.ErrorIs(t, err, table.ErrNotFound, name)
		_, err = do(t.Context(), m, &table.Options{Polls: -1})
		require.ErrorIs(t, err, repo.ErrInvalid, name)
	}
	live, err := table.Inspect(t.Context(), m)
	require.NoError(t, err)
	assert.Nil(t, live)
	tr.Reset()
	for name, tt := range map[string]struct {
		do   operation
		want error
	}{
		"negative": {throughput(-1, 1), repo.ErrInvalid}, "negative, of an index": {indexThroughput("user_idx", 1, -1), repo.ErrInvalid},
		"view": {stream("EVERYTHING"), repo.ErrInvalid}, "no view": {stream(""), repo.ErrInvalid},
		"not declared": {createIndex("none_idx"), table.ErrNoIndex}, "local": {createIndex("points_idx"), repo.ErrInvalid},
	} {
		_, err := tt.do(t.Context(), m, nil)
		require.ErrorIs(t, err, tt.want, name)
	}
	assert.Zero(t, tr.Total())

	create(t, m, tr)
	for name, tt := range map[string]struct {
		do   operation
		want error
	}{
		"no index": {indexThroughput("none_idx", 1, 1), table.ErrNoIndex}, "local": {indexThroughput("points_idx", 1, 1), repo.ErrInvalid},
		"drop local": {dropIndex("points_idx"), repo.ErrInvalid},
	} {
		_, err := tt.do(t.Context(), m, nil)
		require.ErrorIs(t, err, tt.want, name)
	}
	changed, err := table.DropIndex(t.Context(), m, "none_idx", nil)
	require.NoError(t, err)
	assert.False(t, changed)
	_, err = table.SetOnDemand(t.Context(), m, true, quick(5))
	require.NoError(t, err)
	tr.Reset()
	for _, do := range []operation{throughput(1, 1), indexThroughput("user_idx", 1, 1)} {
		_, err := do(t.Context(), m, nil)
		require.ErrorIs(t, err, table.ErrOnDemand)
	}
	assert.Zero(t, tr.Count("UpdateTable"))
}

// TestTTLWaits: TTL that begins behind another that ends waits for that, and for
// nothing else.
func TestTTLWaits(t *testing.T) {
	t.Parallel()
	m, tr := model(t, func(s *repo.Spec) { s.TTL.Attr = "account" })
	create(t, m, tr)
	says := func(status types.TimeToLiveStatus, attr string) faults.Fault {
		return faults.Answer(func([]byte) []byte {
			return []byte(`{"TimeToLiveDescription":{"TimeToLiveStatus":"` + string(status) + `","AttributeName":"` + attr + `"}}`)
		})
	}
	ended := func(faults.Request) bool { return tr.Count("UpdateTimeToLive") == 1 }
	tr.On("DescribeTimeToLive").When(ended).Times(4).Do(says(types.TimeToLiveStatusDisabling, "account"))
	changed, err := table.SetTTL(t.Context(), m, "position", quick(10))
	require.NoError(t, err)
	assert.True(t, changed)
	assert.Equal(t, 2, tr.Count("UpdateTimeToLive"))
	assert.Equal(t, 7, tr.Count("DescribeTimeToLive"), "one to plan, one before it ends, five before the other begins")

	tr.Reset()
	tr.On("DescribeTimeToLive").Do(says(types.TimeToLiveStatusEnabling, "position"))
	changed, err = table.SetTTL(t.Context(), m, "position", quick(2))
	require.NoError(t, err)
	assert.False(t, changed, "it is under way")
}

// TestUnsupported: the engine has neither recovery nor tags, and says so in a
// code that is told from others.
func TestUnsupported(t *testing.T) {
	t.Parallel()
	m, tr := model(t)
	create(t, m, tr)
	_, err := table.SetRecovery(t.Context(), m, true, nil)
	require.ErrorIs(t, err, table.ErrUnsupported)
	require.EqualError(t, err, "table: SetRecovery "+m.Table()+": the server does not support this")
	_, err = table.SetTags(t.Context(), m, map[string]string{"team": "a"}, nil)
	require.ErrorIs(t, err, table.ErrUnsupported)
	_, err = table.RemoveTags(t.Context(), m, []string{"team"}, nil)
	require.ErrorIs(t, err, table.ErrUnsupported)
	_, err = table.Inspect(t.Context(), with(t, m, table.Settings{Recovery: aws.Bool(true)}))
	require.ErrorIs(t, err, table.ErrUnsupported)
	_, err = table.Inspect(t.Context(), with(t, m, table.Settings{Tags: map[string]string{"a": "b"}}))
	require.ErrorIs(t, err, table.ErrUnsupported)
}

// answers composes the answer to an operation that the engine does not have.
func answers(body func() string) faults.Fault {
	return func(req *http.Request, _ faults.Send) (*http.Response, error) {
		return &http.Response{
			StatusCode: http.StatusOK, Status: "200 OK", Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: req,
			Header: http.Header{"Content-Type": {"application/x-amz-json-1.0"}}, Body: noClose{bytes.NewBufferString(body())},
		}, nil
	}
}

type noClose struct{ *bytes.Buffer }

func (noClose) Close() error { return nil }

// TestRecovery: point-in-time recovery, in a server's words.
func TestRecovery(t *testing.T) {
	t.Parallel()
	m, tr := model(t)
	create(t, m, tr)
	status := "DISABLED"
	said := answers(func() string {
		return `{"ContinuousBackupsDescription":{"ContinuousBackupsStatus":"ENABLED","PointInTimeRecoveryDescription":{"PointInTimeRecoveryStatus":"` + status + `"}}}`
	})
	tr.On("DescribeContinuousBackups").Do(said)
	tr.On("UpdateContinuousBackups").Times(1).Do(faults.Error(http.StatusBadRequest, "ContinuousBackupsUnavailableException"))
	tr.On("UpdateContinuousBackups").Do(func(req *http.Request, send faults.Send) (*http.Response, error) {
		status = "ENABLED"
		return said(req, send)
	})
	changed, err := table.SetRecovery(t.Context(), m, true, quick(5))
	require.NoError(t, err)
	assert.True(t, changed)
	assert.Equal(t, 2, tr.Count("UpdateContinuousBackups"), "they are not available yet, and then they are")
	changed, err = table.SetRecovery(t.Context(), m, true, quick(5))
	require.NoError(t, err)
	assert.False(t, changed)
	assert.True(t, diff(t, with(t, m, table.Settings{Recovery: aws.Bool(true)})).Empty())
	assert.Equal(t, "turn point-in-time recovery off", diff(t, with(t, m, table.Settings{Recovery: aws.Bool(false)})).Steps[0].Text)
}

// TestTags: over two pages, in a server's words.
func TestTags(t *testing.T) {
	t.Parallel()
	m, tr := model(t)
	create(t, m, tr)
	team := ""
	tr.On("ListTagsOfResource").Do(func(req *http.Request, send faults.Send) (*http.Response, error) {
		page := `{"Tags":[{"Key":"cost","Value":"7"}],"NextToken":"2"}`
		if tr.Count("ListTagsOfResource")%2 == 0 {
			page = `{"Tags":[` + team + `]}`
		}
		return answers(func() string { return page })(req, send)
	})
	becomes := func(text string) faults.Fault {
		return func(req *http.Request, send faults.Send) (*http.Response, error) {
			team = text
			return answers(func() string { return "{}" })(req, send)
		}
	}
	tr.On("TagResource").Do(becomes(`{"Key":"team","Value":"a"}`))
	tr.On("UntagResource").Do(becomes(""))
	want := map[string]string{"team": "a", "cost": "7"}
	for _, first := range []bool{true, false} {
		changed, err := table.SetTags(t.Context(), m, want, quick(5))
		require.NoError(t, err)
		assert.Equal(t, first, changed)
	}
	tags := func() map[string]string {
		d, err := table.Inspect(t.Context(), with(t, m, table.Settings{Tags: map[string]string{}}))
		require.NoError(t, err)
		return d.Tags
	}
	assert.Equal(t, want, tags())
	assert.True(t, diff(t, with(t, m, table.Settings{Tags: want})).Empty())
	assert.Equal(t, "set the tags a, team", diff(t, with(t, m, table.Settings{Tags: map[string]string{"team": "SECRET", "a": "b", "cost": "7"}})).Steps[0].Text)
	for _, first := range []bool{true, false} {
		changed, err := table.RemoveTags(t.Context(), m, []string{"team", "none"}, quick(5))
		require.NoError(t, err)
		assert.Equal(t, first, changed)
	}
	assert.Equal(t, map[string]string{"cost": "7"}, tags())
	assert.Equal(t, 1, tr.Count("TagResource"))
	assert.Equal(t, 1, tr.Count("UntagResource"))
}

// TestDeleteProtected: a protected table stays, and the error says why.
func TestDeleteProtected(t *testing.T) {
	t.Parallel()
	m, tr := model(t)
	create(t, m, tr)
	_, err := table.SetProtection(t.Context(), m, true, quick(5))
	require.NoError(t, err)
	_, err = table.Delete(t.Context(), m, quick(5))
	require.ErrorIs(t, err, table.ErrProtected)
	require.EqualError(t, err, "table: Delete "+m.Table()+": protected against deletion")
}
