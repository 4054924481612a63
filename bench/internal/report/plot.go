package report

import (
	"errors"
	"image/color"
	"io"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	_ "gonum.org/v1/plot/vg/vgsvg" // the format of the plot

	"github.com/dynarepo/dynarepo/bench/internal/peer"
)

// plotted are the benchmarks that the plot shows, as far as they were run.
var plotted = []string{
	"get", "put", "update", "query/1", "query/100", "query/1000", "scan/1000",
	"batchget/100", "batchwrite/25", "transact/10", "local/query/1000",
}

// ErrNothing says that there is nothing to plot.
var ErrNothing = errors.New("report: none of the benchmarks that are plotted was run")

// Plot writes the times relative to the SDK with attributevalue, as SVG.
func (r *Results) Plot(w io.Writer) error {
	var names []string
	series := []struct {
		name   string
		color  color.Color
		values plotter.Values
	}{
		{name: peer.Guregu, color: color.RGBA{R: 0xe6, G: 0x9f, B: 0x00, A: 0xff}},
		{name: peer.SDK, color: color.RGBA{R: 0x99, G: 0x99, B: 0x99, A: 0xff}},
		{name: peer.Hand, color: color.RGBA{R: 0x56, G: 0xb4, B: 0xe9, A: 0xff}},
		{name: peer.Dynarepo, color: color.RGBA{R: 0x00, G: 0x72, B: 0xb2, A: 0xff}},
	}
	for _, name := range slices.Backward(plotted) { // the first at the top
		one := r.line(name, peer.AttributeValue)
		if one == nil {
			continue
		}
		names = append(names, name)
		for i := range series {
			time := one.Ours.Time()
			if l := r.line(name, series[i].name); l != nil {
				time = l.Theirs.Time()
			}
			series[i].values = append(series[i].values, time/one.Theirs.Time())
		}
	}
	if len(names) == 0 {
		return ErrNothing
	}

	p := plot.New()
	p.BackgroundColor = color.White
	p.Title.Text = "Time of a client, relative to the SDK with attributevalue (= 1)"
	p.X.Min, p.X.Label.Text = 0, "less is faster"
	p.NominalY(names...)
	p.Legend.Top = true
	p.Add(plotter.NewGrid())
	width := vg.Points(7)
	for i, s := range series {
		bars, err := plotter.NewBarChart(s.values, width)
		if err != nil {
			return err
		}
		bars.Horizontal = true
		bars.LineStyle.Width = 0
		bars.Color = s.color
		bars.Offset = width * vg.Length(1.5-float64(i))
		p.Add(bars)
		p.Legend.Add(s.name, bars)
	}
	out, err := p.WriterTo(8*vg.Inch, vg.Length(len(names))*36+vg.Inch, "svg")
	if err != nil {
		return err
	}
	_, err = out.WriteTo(w)
	return err
}

// line returns the line of a benchmark and a peer, nil if there is none.
func (r *Results) line(benchmark, peer string) *Line {
	for i := range r.Lines {
		if r.Lines[i].Benchmark == benchmark && r.Lines[i].Peer == peer {
			return &r.Lines[i]
		}
	}
	return nil
}
