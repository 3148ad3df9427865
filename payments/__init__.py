"""MONEY: claims, payables, payment runs, bank files, thank-you cards, reports."""
