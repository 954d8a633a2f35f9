# Made the files of this folder with Pillow 12.3.0: python make.py .
from PIL import Image; import numpy as np, sys, io
R=sys.argv[1]; y,x=np.mgrid[0:30,0:40]
a=np.stack([x*6,y*8,(x*y)%256],-1).astype(np.uint8); P=Image.fromarray(a)
P.save(R+'/lossy.webp',quality=80); P.save(R+'/lossless.webp',lossless=True)
Q=P.copy(); Q.putalpha(Image.fromarray(((x//10)*80).astype(np.uint8))); Q.save(R+'/alpha.webp',quality=80)
P.save(R+'/animated.webp',save_all=True,append_images=[Image.fromarray(255-a)],lossless=True)
P.convert('CMYK').save(R+'/cmyk.jpg',quality=90)
