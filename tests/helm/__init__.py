"""The deployment: chart, image and wheel, judged by real tools and by policies of our own."""
