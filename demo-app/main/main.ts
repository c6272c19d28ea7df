console.log('Notes', process.argv, process.execPath, process.env['APPIMAGE'], process.env['APPDIR']);
