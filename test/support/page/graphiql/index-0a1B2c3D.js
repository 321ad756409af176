document.title += ' is ready';
