// Package report draws datasets and runs as one HTML file that needs nothing
// but a browser: figures are SVG and PNG inside the page, drawn by gonum/plot.
//
// It reads the files that building, training and evaluating leave behind and
// knows nothing of how they were made.
package report
