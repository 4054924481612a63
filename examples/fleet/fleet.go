package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/dynarepo/dynarepo/repo"
)

// A fleet is the processes that work on the table.
type fleet struct {
	out io.Writer
	env []string // that leads workers to the table
}

// environment leads a worker to the table of db.
func environment(db *repo.DB) []string {
	o := db.Client().(*dynamodb.Client).Options()
	return append(os.Environ(), endpointVariable+"="+aws.ToString(o.BaseEndpoint), regionVariable+"="+o.Region)
}

// count runs a worker for each segment. Those that are to be killed hang in the
// middle, and are started again once all others are done.
func (f *fleet) count(ctx context.Context, kill map[int]bool) error {
	if err := f.each(func(segment int) error { return f.work(ctx, segment, kill[segment]) }); err != nil {
		return err
	}
	for segment := range workers {
		if kill[segment] {
			fmt.Fprintf(f.out, "worker %d was killed in the middle, and is started again\n", segment)
		}
	}
	return f.each(func(segment int) error {
		if !kill[segment] {
			return nil
		}
		return f.work(ctx, segment, false)
	})
}

// each calls do for every segment at once.
func (f *fleet) each(do func(segment int) error) error {
	var errs [workers]error
	var wg sync.WaitGroup
	for segment := range workers {
		wg.Go(func() { errs[segment] = do(segment) })
	}
	wg.Wait()
	return errors.Join(errs[:]...)
}

// work runs the worker of a segment to its end, or kills it when it hangs.
func (f *fleet) work(ctx context.Context, segment int, kill bool) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, self)
	cmd.Env, cmd.Stderr = slices.Concat(f.env, []string{segmentVariable + "=" + strconv.Itoa(segment)}), os.Stderr
	if !kill {
		return cmd.Run()
	}
	cmd.Env = append(cmd.Env, hangVariable+"=1")
	said, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	lines := bufio.NewScanner(said)
	hangs := lines.Scan() && lines.Text() == hung
	killed := cmd.Process.Kill()
	if err := cmd.Wait(); !hangs {
		return fmt.Errorf("worker %d did not hang: %w", segment, cmp.Or(err, lines.Err(), io.ErrUnexpectedEOF))
	}
	return killed
}
